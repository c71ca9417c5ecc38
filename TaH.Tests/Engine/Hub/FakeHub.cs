using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>A hub with one model on the loopback address: listing, files, ranges; large files on a second port behind a redirect.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public static readonly HubModelName Model = HubModelName.Parse("some-lab/small-model");
    private readonly LoopbackServer _hub, _storage;

    public FakeHub(params (string Path, byte[] Content)[] files)
    {
        Files = files.ToDictionary(file => file.Path, file => file.Content);
        _hub = new LoopbackServer(async ask => await Fault(ask) ?? Answer(ask));
        _storage = new LoopbackServer(async ask => await Fault(ask) ?? Content(ask, ask.Target["/store/".Length..]));
    }

    /// <summary>A checkpoint with the parts of a TaH model and some files of other kinds.</summary>
    public static FakeHub WithCheckpoint() => new(
        ("config.json", Bytes(1, 700)), ("generation_config.json", Bytes(2, 120)), ("model.safetensors", Bytes(3, 50_000)),
        ("tokenizer.json", Bytes(4, 9_000)),
        ("lora/adapter_config.json", Bytes(5, 400)), ("lora/adapter_model.safetensors", Bytes(6, 20_000)), ("iter_decider.bin", Bytes(7, 5_000)),
        ("tah_config.json", Bytes(8, 300)), ("README.md", Bytes(9, 1_000)), ("LICENSE", Bytes(10, 800)),
        ("pytorch_model.bin", Bytes(11, 60_000)), ("onnx/model.onnx", Bytes(12, 600)), ("model.Q4_K_M.gguf", Bytes(13, 600)),
        (".gitattributes", Bytes(14, 90)));

    public Dictionary<string, byte[]> Files { get; }

    /// <summary>Asked first; what it returns is sent instead of the honest answer.</summary>
    public Func<HttpAsk, Task<HttpReply?>> Fault { get; set; } = _ => Task.FromResult<HttpReply?>(null);

    public Func<JsonObject, JsonNode> Listing { get; set; } = listing => listing;

    public Uri Address => _hub.Address;

    public IReadOnlyList<HttpAsk> HubAsks => _hub.Asks;

    public IReadOnlyList<HttpAsk> StorageAsks => _storage.Asks;

    /// <summary>The requests for the bytes of one file, in the order they came.</summary>
    public IReadOnlyList<HttpAsk> AsksFor(string path) =>
        [.. (IsLarge(path) ? StorageAsks : HubAsks).Where(ask => ask.Target.EndsWith("/" + path, StringComparison.Ordinal))];

    public int Downloads => StorageAsks.Count + HubAsks.Count(ask => ask.Target.Contains("/resolve/"));

    /// <summary>Content that a fixed seed makes.</summary>
    public static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The name of the blob: independent of the code under test.</summary>
    public string ETag(string path) => Convert.ToHexStringLower(IsLarge(path)
        ? SHA256.HashData(Files[path])
        : SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {Files[path].Length}\0"), .. Files[path]]));

    public HttpReply Content(HttpAsk ask, string path)
    {
        var content = Files[path];
        if (ask.Range is not { } range) return new HttpReply(200, content);
        var start = int.Parse(range.Replace("bytes=", "").TrimEnd('-'), CultureInfo.InvariantCulture);
        return start >= content.Length
            ? new HttpReply(416, []) { Headers = { ["Content-Range"] = $"bytes */{content.Length}" } }
            : new HttpReply(206, content[start..]) { Headers = { ["Content-Range"] = $"bytes {start}-{content.Length - 1}/{content.Length}" } };
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private static bool IsLarge(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".bin", StringComparison.Ordinal);

    private HttpReply Answer(HttpAsk ask)
    {
        if (ask.Target == $"/api/models/{Model.Id}/revision/{Uri.EscapeDataString(Model.Revision)}?blobs=true")
            return new HttpReply(200, Encoding.UTF8.GetBytes(Listing(HonestListing()).ToJsonString()));
        var resolve = $"/{Model.Id}/resolve/{Commit}/";
        if (!ask.Target.StartsWith(resolve, StringComparison.Ordinal)) return new HttpReply(404, []);
        var path = ask.Target[resolve.Length..];
        return IsLarge(path)
            ? new HttpReply(302, []) { Headers = { ["Location"] = $"{_storage.Address}store/{path}" } }
            : Content(ask, path);
    }

    private JsonObject HonestListing() => new()
    {
        ["id"] = Model.Id,
        ["sha"] = Commit,
        ["gated"] = false,
        ["siblings"] = new JsonArray([.. Files.Select(file => (JsonNode)Sibling(file.Key))]),
    };

    private JsonObject Sibling(string path)
    {
        var size = Files[path].Length;
        var sibling = new JsonObject { ["rfilename"] = path, ["size"] = size, ["blobId"] = IsLarge(path) ? new string('f', 40) : ETag(path) };
        if (IsLarge(path)) sibling["lfs"] = new JsonObject { ["sha256"] = ETag(path), ["size"] = size, ["pointerSize"] = 135 };
        return sibling;
    }
}
