using System.Text;
using System.Text.Json;
using CsCheck;

namespace TaH.Tests;

/// <summary>The hub's listing is input from a stranger: every name, size and hash in it ends up in a path or an allocation.</summary>
public sealed class HubListingTests
{
    private const string Sha1 = "1111111111111111111111111111111111111111";
    private const string Sha256 = "2222222222222222222222222222222222222222222222222222222222222222";
    private static readonly string Config = Small("config.json"), Weights = Large("model.safetensors");

    [Theory]
    [InlineData("config.json"), InlineData("config_v4.json"), InlineData("generation_config.json"), InlineData("tah_config.json")]
    [InlineData("iter_decider.bin")]
    [InlineData("model.safetensors"), InlineData("model-00001-of-00002.safetensors"), InlineData("model.safetensors.index.json")]
    [InlineData("lora/adapter_config.json"), InlineData("lora/adapter_model.safetensors"), InlineData("README.md"), InlineData("LICENSE")]
    [InlineData("LICENSE.txt")]
    [InlineData("tokenizer.json"), InlineData("tokenizer_config.json"), InlineData("vocab.json"), InlineData("merges.txt")]
    [InlineData("chat_template.jinja")]
    [InlineData("special_tokens_map.json"), InlineData("added_tokens.json")]
    public void Needs(string path) => Assert.True(HubFileNames.IsPartOfCheckpoint(path));

    [Theory]
    [InlineData("pytorch_model.bin"), InlineData("pytorch_model.bin.index.json"), InlineData("onnx/model.onnx"), InlineData("onnx/config.json")]
    [InlineData("model.gguf")]
    [InlineData("tf_model.h5"), InlineData("flax_model.msgpack"), InlineData("original/consolidated.00.pth")]
    [InlineData("original/model.safetensors")]
    [InlineData("lora/adapter_model.bin"), InlineData("lora/a/b.json"), InlineData(".gitattributes"), InlineData("run.py")]
    [InlineData("training_args.bin")]
    [InlineData("nul.safetensors"), InlineData("config.json\n"), InlineData("CON.md"), InlineData("config:x.json")]
    public void Does_not_need(string path) => Assert.False(HubFileNames.IsPartOfCheckpoint(path));

    [Theory]
    [InlineData("../config.json"), InlineData("lora/../../config.json"), InlineData("/etc/config.json"), InlineData("C:/config.json")]
    [InlineData("c:config.json")]
    [InlineData("..\\config.json"), InlineData("\\\\host\\share\\config.json"), InlineData("lora//config.json"), InlineData("./config.json")]
    [InlineData("lora/")]
    [InlineData("config\u001b[2J.json"), InlineData("config.json\u0000"), InlineData("a\u009bb"), InlineData("")]
    public async Task Hostile_name_refuses_the_whole_listing(string path)
    {
        var error = await RefusedAsync(Listing(Config, Weights, Small(path)));
        Assert.Contains("a path that could leave the cache", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("", "list of files is not one")]
    [InlineData("[]", "list of files is not one")]
    [InlineData("null", "list of files is not one")]
    [InlineData("<html>", "list of files is not one")]
    [InlineData("""{"sha":"1111111111111111111111111111111111111111"}""", "list of files is not one")]
    [InlineData("""{"sha":null,"siblings":[]}""", "list of files is not one")]
    [InlineData("""{"sha":"1111111111111111111111111111111111111111","siblings":[null]}""", "list of files is not one")]
    [InlineData("""{"sha":"../../../../../../../../../../../../../x","siblings":[]}""", "no commit of 40 hex digits")]
    [InlineData("""{"sha":"1111111111111111111111111111111111111111","siblings":[]}""", "has no config.json")]
    public async Task Malformed_listing_says_what_is_wrong(string json, string says) => Assert.Contains(says, (await RefusedAsync(json)).Message);

    [Fact]
    public async Task Model_without_safetensors_is_refused() =>
        Assert.Contains("has no weights in safetensors form", (await RefusedAsync(Listing(Config, Small("pytorch_model.bin")))).Message);

    [Fact]
    public async Task Names_that_differ_in_case_only_are_refused() =>
        Assert.EndsWith("lists README.md twice", (await RefusedAsync(Listing(Config, Weights, Small("README.md"), Small("readme.md")))).Message);

    [Theory]
    [InlineData("""{"rfilename":"tokenizer.json"}""")]
    [InlineData("""{"rfilename":"tokenizer.json","size":5}""")]
    [InlineData("""{"rfilename":"tokenizer.json","blobId":"1111111111111111111111111111111111111111"}""")]
    [InlineData("""{"rfilename":"tokenizer.json","size":-1,"blobId":"1111111111111111111111111111111111111111"}""")]
    [InlineData("""{"rfilename":"tokenizer.json","size":5,"blobId":"../../../../../../../../../../../../../x"}""")]
    [InlineData("""{"rfilename":"tokenizer.json","size":5,"blobId":"1111111111111111111111111111111111111111\n"}""")]
    [InlineData("""{"rfilename":"tokenizer.json","size":5,"lfs":{"sha256":"1111111111111111111111111111111111111111","size":5}}""")]
    public async Task File_without_size_and_hash_is_refused(string sibling) =>
        Assert.Contains(
            "tokenizer.json: the hub's list of files gives no size and hash",
            (await RefusedAsync(Listing(Config, Weights, sibling))).Message);

    [Fact]
    public async Task Largest_file_comes_first()
    {
        var listing = await ReadAsync(Listing(Small("config.json", 9), Large("model.safetensors", long.MaxValue)));
        Assert.Equal([long.MaxValue, 9], listing.Files.Select(file => file.Size));
    }

    // Three bytes of a good listing are replaced at random: what is still accepted has only safe names and well-formed hashes.
    [Fact]
    public void Any_mutation_is_read_safely_or_refused()
    {
        var good = Encoding.UTF8.GetBytes(Listing(Config, Weights, Small("lora/adapter_config.json"), Small("README.md")));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[3].Sample(
            changes =>
            {
                var bytes = good.ToArray();
                foreach (var (at, value) in changes) bytes[at] = value;
                try
                {
                    var listing = HubListing.ReadAsync(new MemoryStream(bytes), FakeHub.Model, CancellationToken.None).GetAwaiter().GetResult();
                    return listing.Files.All(file =>
                        HubFileNames.IsPartOfCheckpoint(file.Path) && file.Size >= 0 && file.ETag.All(char.IsAsciiHexDigitLower));
                }
                catch (HubException)
                {
                    return true;
                }
            },
            seed: "0000KOIPe036", iter: 5_000);
    }

    private static string Small(string path, long size = 5) =>
        $$"""{"rfilename":{{JsonSerializer.Serialize(path)}},"size":{{size}},"blobId":"{{Sha1}}"}""";

    private static string Large(string path, long size = 5) =>
        $$"""{"rfilename":"{{path}}","size":{{size}},"blobId":"{{Sha1}}","lfs":{"sha256":"{{Sha256}}","size":{{size}}} }""";

    private static string Listing(params string[] siblings) =>
        $$"""{"id":"some-lab/small-model","sha":"{{Sha1}}","siblings":[{{string.Join(',', siblings)}}]}""";

    private static Task<HubListing> ReadAsync(string json) =>
        HubListing.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), FakeHub.Model, TestContext.Current.CancellationToken);

    private static Task<HubException> RefusedAsync(string json) => Assert.ThrowsAsync<HubException>(() => ReadAsync(json));
}
