using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>Saves a plain model without some of its layers: the others are numbered anew, weights keep their bits and their type.</summary>
internal static class PrunedCheckpoint
{
    private const string LayerPrefix = "model.layers.";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Refuses a place that holds something: files of two models in one directory are no model.</summary>
    /// <exception cref="UsageException">It is a file, or no empty directory.</exception>
    public static void CheckPlace(PruneRequest request)
    {
        if (File.Exists(request.Output)) throw new UsageException($"--out {request.Output} is a file; name a directory");
        if (Directory.Exists(request.Output) && Directory.EnumerateFileSystemEntries(request.Output).Any())
            throw new UsageException($"--out {request.Output} is not empty; name a new directory");
    }

    /// <summary>Saves; the directory appears whole or not at all.</summary>
    /// <param name="directory">Empty, or not there yet.</param>
    /// <param name="source">The whole model.</param>
    /// <param name="result">Which layers stay.</param>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    public static void Save(string directory, Checkpoint source, PruneResult result)
    {
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var staging = FormattableString.Invariant($"{place}.saving-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(staging);
            WriteAll(staging, source, result);
            if (Directory.Exists(place)) Directory.Delete(place);
            Directory.Move(staging, place);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(directory, null, $"the checkpoint cannot be saved: {refused.Message.TrimEnd('.')}", refused);
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
    }

    private static void WriteAll(string directory, Checkpoint source, PruneResult result)
    {
        var weights = new SafetensorsWriter();
        weights.AddMetadata("format", "pt");
        foreach (var tensor in source.Weights)
        {
            if (NameIn(tensor.Name, result.Kept) is { } name) weights.Add(name, tensor);
        }
        weights.Save(Path.Combine(directory, "model.safetensors"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source.Directory, "config.json")))!.AsObject();
        Shorten(config, result);
        File.WriteAllText(Path.Combine(directory, "config.json"), config.ToJsonString(Indented));
        File.WriteAllText(Path.Combine(directory, "pruning.json"), result.ToJson(indented: true));
        CompanionFiles.Copy(source.Directory, directory);
    }

    /// <summary>A tensor's name in the smaller model; null for one of a layer that goes.</summary>
    private static string? NameIn(string name, IReadOnlyList<int> kept)
    {
        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal)) return name;
        var end = name.IndexOf('.', LayerPrefix.Length);
        var place = kept.ToList().IndexOf(int.Parse(name.AsSpan(LayerPrefix.Length, end - LayerPrefix.Length), provider: null));
        return place < 0 ? null : Qwen3Tensors.Layer(place) + name[end..];
    }

    private static void Shorten(JsonObject config, PruneResult result)
    {
        config["num_hidden_layers"] = result.Kept.Count;
        if (config["layer_types"] is JsonArray types)
            foreach (var layer in result.Removed.Reverse()) types.RemoveAt(layer);
        // The first so many layers attend to everything.
        if (config["max_window_layers"] is JsonValue window && window.TryGetValue<int>(out var count))
            config["max_window_layers"] = count - result.Removed.Count(layer => layer < count);
    }
}
