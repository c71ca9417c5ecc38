using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace TaH.Tests;

/// <summary>A text with what Hugging Face tokenizers makes of it.</summary>
public sealed record ReferenceEncoding(string Text, int[] Ids, string Decoded);

/// <summary>The tokenizers and reference encodings that the tests read; Fixtures/tokenizer/manifest.md says how each was made.</summary>
internal static class TokenizerFixtures
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<byte[]> Qwen3Bytes = new(() => Unzip("qwen3-tokenizer.json.gz"));
    private static readonly Lazy<Tokenizer> Qwen3Tokenizer = new(() => Tokenizer.Parse("tokenizer.json", Qwen3Json));
    private static readonly Lazy<Tokenizer> TinyTokenizer = new(() => Tokenizer.Open(TinyDirectory));

    public static string TinyDirectory => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "checkpoint");

    public static byte[] Qwen3Json => Qwen3Bytes.Value;

    public static Tokenizer Qwen3 => Qwen3Tokenizer.Value;

    public static Tokenizer Tiny => TinyTokenizer.Value;

    public static byte[] TinyJson => File.ReadAllBytes(Path.Combine(TinyDirectory, "tokenizer.json"));

    /// <summary>Qwen3's chat format; its file is put into the directory.</summary>
    public static ChatFormat OpenQwen3Chat(string directory)
    {
        File.Copy(PathOf("qwen3-tokenizer_config.json"), Path.Combine(directory, "tokenizer_config.json"), overwrite: true);
        return ChatFormat.Open(directory);
    }

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizer", name);

    public static ReferenceEncoding[] Qwen3Cases(string name) =>
        [.. LinesOf($"{name}.jsonl.gz").Select(line => JsonSerializer.Deserialize<ReferenceEncoding>(line, Web)!)];

    public static ReferenceEncoding[] TinyCases() => JsonSerializer.Deserialize<ReferenceEncoding[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "tokenizer_cases.json")), Web)!;

    public static string[] LinesOf(string name) => Encoding.UTF8.GetString(Unzip(name)).TrimEnd('\n').Split('\n');

    public static byte[] Unzip(string name)
    {
        using var stream = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>One to three of: a byte changed, a stretch removed, a stretch copied elsewhere, a digit changed, the rest cut off.</summary>
    public static byte[] Mutate(Random random, byte[] original)
    {
        var bytes = new List<byte>(original);
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                case 4: bytes[at] = (byte)"{}[]\",:\\0"[random.Next(9)]; break;
                default:
                    var digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                    if (digit >= 0) bytes[digit] = (byte)('0' + random.Next(10));
                    break;
            }
        }

        return [.. bytes];
    }
}
