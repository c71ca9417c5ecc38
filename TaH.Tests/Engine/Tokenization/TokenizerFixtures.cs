using System.IO.Compression;
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

    public static string TinyDirectory => Path.Combine(AppContext.BaseDirectory, "weights", "tah-tiny");

    public static byte[] Qwen3Json => Qwen3Bytes.Value;

    public static Tokenizer Qwen3 => Qwen3Tokenizer.Value;

    public static Tokenizer Tiny => TinyTokenizer.Value;

    public static byte[] TinyJson => File.ReadAllBytes(Path.Combine(TinyDirectory, "tokenizer.json"));

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizer", name);

    public static ReferenceEncoding[] Qwen3Cases(string name) =>
        [.. LinesOf($"{name}.jsonl.gz").Select(line => JsonSerializer.Deserialize<ReferenceEncoding>(line, Web)!)];

    public static ReferenceEncoding[] TinyCases() => JsonSerializer.Deserialize<ReferenceEncoding[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "tokenizer_cases.json")), Web)!;

    public static string[] LinesOf(string name) => System.Text.Encoding.UTF8.GetString(Unzip(name)).TrimEnd('\n').Split('\n');

    public static byte[] Unzip(string name)
    {
        using var stream = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
