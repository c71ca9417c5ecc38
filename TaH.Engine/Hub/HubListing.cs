using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>The hub's answer to "what is in this model at this revision", checked down to every byte that becomes part of a path.</summary>
/// <param name="Commit">The commit that the revision stands for.</param>
/// <param name="Files">The files that a checkpoint needs, largest first.</param>
internal sealed partial record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <exception cref="HubException">The answer is not a listing, names a hostile path, or lists no checkpoint.</exception>
    public static async Task<HubListing> ReadAsync(Stream body, HubModelName model, CancellationToken cancel)
    {
        try
        {
            var answer = await JsonSerializer.DeserializeAsync<Answer>(body, Json, cancel) ?? throw new JsonException("it is null");
            if (answer.Siblings.Any(sibling => sibling is null)) throw new JsonException("$.siblings has a null in it");
            return From(answer, model);
        }
        catch (JsonException error)
        {
            throw new HubException($"{model}: the hub's list of files is not one: {error.Message}", error);
        }
    }

    private static HubListing From(Answer answer, HubModelName model)
    {
        if (!Commit40().IsMatch(answer.Sha)) throw new HubException($"{model}: the hub's list of files has no commit of 40 hex digits");
        if (answer.Siblings.FirstOrDefault(sibling => HubFileNames.IsHostile(sibling.RFilename)) is { } hostile)
            throw new HubException(
                $"{model}: the hub lists {JsonSerializer.Serialize(hostile.RFilename)}, a path that could leave the cache");

        var needed = answer.Siblings.Where(sibling => HubFileNames.IsPartOfCheckpoint(sibling.RFilename));
        var files = needed.Select(sibling => Check(sibling, model)).ToList();
        // File systems that ignore case would let one overwrite the other.
        if (files.GroupBy(file => file.Path, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw new HubException($"{model}: the hub lists {twice.Key} twice");
        if (files.All(file => file.Path != "config.json"))
            throw new HubException($"{model}: has no config.json, so it is not a model that can be run");
        if (!files.Any(file => HubFileNames.IsWeights(file.Path))) throw new HubException($"{model}: has no weights in safetensors form");
        return new HubListing(answer.Sha, [.. files.OrderByDescending(file => file.Size)]);
    }

    private static HubFile Check(Sibling sibling, HubModelName model)
    {
        var (size, tag) = sibling.Lfs is { } large ? (large.Size, large.Sha256) : (sibling.Size, sibling.BlobId);
        var isHash = tag is not null && (sibling.Lfs is null ? Commit40() : Sha256()).IsMatch(tag);
        return isHash && size is >= 0
            ? new HubFile(sibling.RFilename, size.Value, tag!)
            : throw new HubException($"{model}: {sibling.RFilename}: the hub's list of files gives no size and hash to check the download against");
    }

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit40();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    private sealed record Answer(string Sha, IReadOnlyList<Sibling> Siblings);

    private sealed record Sibling(string RFilename, long? Size = null, string? BlobId = null, Lfs? Lfs = null);

    private sealed record Lfs(string Sha256, long? Size);
}
