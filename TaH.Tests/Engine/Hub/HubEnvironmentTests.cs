namespace TaH.Tests;

public sealed class HubEnvironmentTests
{
    private static readonly string HomeVariable = OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME";
    private static readonly string Home = Path.GetFullPath("/home/someone");

    public static TheoryData<string[], string> CacheCases() => new()
    {
        { [], "/home/someone/.cache/huggingface/hub" },
        { ["XDG_CACHE_HOME=/x"], "/x/huggingface/hub" },
        { ["XDG_CACHE_HOME=/x", "HF_HOME=/h"], "/h/hub" },
        { ["XDG_CACHE_HOME=/x", "HF_HOME=/h", "HUGGINGFACE_HUB_CACHE=/old"], "/old" },
        { ["XDG_CACHE_HOME=/x", "HF_HOME=/h", "HUGGINGFACE_HUB_CACHE=/old", "HF_HUB_CACHE=/c"], "/c" },
        { ["HF_HOME=", "HF_HUB_CACHE= "], "/home/someone/.cache/huggingface/hub" },
        { ["HF_HOME=~/models"], "/home/someone/models/hub" },
    };

    [Theory, MemberData(nameof(CacheCases))]
    public void Cache_is_where_huggingface_tools_have_it(string[] variables, string cache) =>
        Assert.Equal(Path.GetFullPath(cache), Read(variables).CacheDirectory);

    [Fact]
    public void Nothing_set_means_the_public_hub_without_a_token()
    {
        var options = Read();
        Assert.Equal((new Uri("https://huggingface.co"), null, false), (options.Endpoint, options.Token, options.Offline));
    }

    [Theory]
    [InlineData("https://mirror.example/hub/", "https://mirror.example/hub")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    public void Endpoint_is_taken_without_its_last_slash(string given, string address) =>
        Assert.Equal(address, Read($"HF_ENDPOINT={given}").Endpoint.AbsoluteUri);

    [Theory, InlineData("mirror.example"), InlineData("ftp://mirror.example"), InlineData("file:///etc")]
    public void Endpoint_that_is_no_address_is_refused(string given) =>
        Assert.Equal(
            $"HF_ENDPOINT: '{given}' is not an http or https address",
            Assert.Throws<UsageException>(() => Read($"HF_ENDPOINT={given}")).Message);

    [Theory]
    [InlineData("1", true), InlineData("true", true), InlineData("Yes", true), InlineData("on", true)]
    [InlineData("0", false), InlineData("no", false)]
    public void Offline_by_the_words_that_python_takes(string value, bool offline)
    {
        Assert.Equal(offline, Read($"HF_HUB_OFFLINE={value}").Offline);
        Assert.Equal(offline, Read($"TRANSFORMERS_OFFLINE={value}").Offline);
    }

    [Fact]
    public void Token_from_the_variable_goes_before_the_file_of_the_login()
    {
        var home = Directory.CreateTempSubdirectory("tah-token-").FullName;
        File.WriteAllText(Path.Combine(home, "token"), "hf_file\n");

        Assert.Equal("hf_file", Read($"HF_HOME={home}").Token);
        Assert.Equal("hf_old", Read($"HF_HOME={home}", "HUGGING_FACE_HUB_TOKEN=hf_old").Token);
        Assert.Equal("hf_new", Read($"HF_HOME={home}", "HUGGING_FACE_HUB_TOKEN=hf_old", "HF_TOKEN= hf_new ").Token);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public void A_token_file_that_is_no_such_thing_is_a_typed_error()
    {
        using var home = new TemporaryDirectory();
        File.WriteAllBytes(home.At("token"), new byte[(1 << 16) + 1]);
        var error = Assert.ThrowsAny<BadFileException>(() => Read($"HF_HOME={home.Path}"));
        Assert.Equal($"{home.At("token")}: has 65,537 bytes, at most 65,536 are read", error.Message);
    }

    [Fact]
    public void Token_is_not_printed()
    {
        Assert.DoesNotContain("hf_secret", Read("HF_TOKEN=hf_secret").ToString());
        Assert.DoesNotContain("hf_", Assert.Throws<UsageException>(() => Read("HF_TOKEN=hf_sec\r\nX-Other: ret")).Message);
    }

    private static HubOptions Read(params string[] variables)
    {
        var values = variables.Append($"{HomeVariable}={Home}").Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new HubEnvironment(values.GetValueOrDefault).Read();
    }
}
