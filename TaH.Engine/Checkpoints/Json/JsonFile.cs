using System.Text.Json;
using System.Text.Unicode;

namespace TaH.Engine;

/// <summary>Reads the JSON files of a checkpoint: bounded in size and depth, valid UTF-8, no key twice, an object at the top.</summary>
internal static class JsonFile
{
    /// <summary>Configuration files are a few kilobytes.</summary>
    public const int ConfigLimit = 1 << 20;

    /// <summary>The index of a large sharded model is a few megabytes.</summary>
    public const int IndexLimit = 16 << 20;

    private const int MaxDepth = 32;

    /// <summary>Reads a file and returns the object it holds.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">How messages call it.</param>
    /// <param name="limit">The most bytes it may have.</param>
    /// <exception cref="CheckpointException">The file is missing, too long, not UTF-8, not JSON, or not an object.</exception>
    public static JsonField Read(string path, string name, int limit = ConfigLimit)
    {
        var bytes = CheckpointFiles.ReadAll(path, name, limit);
        if (!Utf8.IsValid(bytes)) throw new CheckpointException(name, null, "is not valid UTF-8");
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var root = new JsonField(name, "", document.RootElement.Clone());
            RefuseDuplicates(root);
            if (root.Kind != JsonValueKind.Object) throw root.Expected("an object");
            return root;
        }
        catch (JsonException error)
        {
            throw new CheckpointException(name, null, Describe(error), error);
        }
    }

    /// <summary>Words a syntax error: where it is and what the parser met.</summary>
    public static string Describe(JsonException error)
    {
        var message = error.Message;
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var fact = Words.Clean(place < 0 ? message : message[..place], limit: 200).TrimEnd('.');
        return $"is not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {fact}";
    }

    private static void RefuseDuplicates(JsonField field)
    {
        if (field.Kind == JsonValueKind.Array)
        {
            foreach (var item in field.Nested()) RefuseDuplicates(item);
        }
        else if (field.Kind == JsonValueKind.Object)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (name, member) in field.Members())
            {
                if (!seen.Add(name)) throw member.Error("appears twice in the same object");
                RefuseDuplicates(member);
            }
        }
    }
}
