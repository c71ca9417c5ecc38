namespace TaH.Engine;

/// <summary>model.safetensors.index.json: which shard holds which tensor.</summary>
/// <param name="Shards">The file names, in the order of their first mention.</param>
/// <param name="FileOf">The shard of each tensor.</param>
internal sealed record ShardIndex(IReadOnlyList<string> Shards, IReadOnlyDictionary<string, string> FileOf)
{
    public const string FileName = "model.safetensors.index.json";

    private const int MaxShards = 1 << 10;

    /// <summary>Reads the index. A shard is a plain file name: nothing in the index can reach out of the directory.</summary>
    public static ShardIndex Read(string path)
    {
        var map = JsonFile.Read(path, FileName, JsonFile.IndexLimit)["weight_map"];
        if (map.IsAbsent) throw map.Expected("an object");
        var fileOf = new Dictionary<string, string>(StringComparer.Ordinal);
        var shards = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tensor, field) in map.Members())
        {
            var shard = field.Text();
            if (!IsPlainName(shard))
            {
                throw field.Error($"is {Words.Quoted(shard)}, the plain name of a .safetensors file in the same directory was expected");
            }

            if (shards.Add(shard) && shards.Count > MaxShards) throw map.Error($"names more than {MaxShards} files");
            fileOf.Add(tensor, shard);
        }

        if (fileOf.Count == 0) throw map.Error("is empty");
        return new ShardIndex([.. shards], fileOf);
    }

    private static bool IsPlainName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            && name[0] != '.';
}
