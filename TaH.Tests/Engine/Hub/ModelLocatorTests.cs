namespace TaH.Tests;

public sealed class ModelLocatorTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly string _cache = Directory.CreateTempSubdirectory("tah-locator-").FullName;

    private HubOptions Options => new() { CacheDirectory = _cache };

    private string ModelFolder => Path.Combine(_cache, "models--owner--name");

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public void Directory_is_itself() => Assert.Equal(_cache, ModelLocator.Find(_cache, Options));

    // Written as huggingface_hub writes it.
    [Theory]
    [InlineData("owner/name", "main"), InlineData("owner/name@v2", "v2"), InlineData("owner/name@refs/pr/1", "refs/pr/1")]
    [InlineData($"owner/name@{Commit}", "main")]
    public void Name_is_found_in_a_cache_of_huggingface_hub(string model, string reference)
    {
        var snapshot = Put(reference, "config.json", "model-00001-of-00002.safetensors");
        Assert.Equal(snapshot, ModelLocator.Find(model, Options));
    }

    [Fact]
    public void Absent_model_says_where_it_looked_and_how_to_bring_it() => Assert.Equal(
        $"owner/name: no such directory, and no such model in the cache {ModelFolder}; bring it with: tah pull owner/name",
        Assert.Throws<BadFileException>(() => ModelLocator.Find("owner/name", Options)).Message);

    [Fact]
    public void Absent_revision_is_not_another_one()
    {
        Put("main", "config.json", "model.safetensors");
        Assert.EndsWith("tah pull owner/name@v2", Assert.Throws<BadFileException>(() => ModelLocator.Find("owner/name@v2", Options)).Message);
    }

    [Theory, InlineData("config.json"), InlineData("model.safetensors")]
    public void Part_of_a_model_is_not_a_model(string only)
    {
        var snapshot = Put("main", only);
        Assert.Equal(
            $"{snapshot}: holds only a part of owner/name, without configuration or weights; bring it with: tah pull owner/name",
            Assert.Throws<BadFileException>(() => ModelLocator.Find("owner/name", Options)).Message);
    }

    [Theory, InlineData("../../no-such-directory"), InlineData("nothing here"), InlineData("a\\b"), InlineData("/no/such/directory")]
    public void Neither_directory_nor_name_is_refused(string model) => Assert.Equal(
        $"{model}: no such directory, and not a model name on the hub either (owner/name or owner/name@revision)",
        Assert.Throws<BadFileException>(() => ModelLocator.Find(model, Options)).Message);

    [Theory, InlineData(""), InlineData("  ")]
    public void Empty_is_refused(string model) =>
        Assert.StartsWith("model: is empty", Assert.Throws<BadFileException>(() => ModelLocator.Find(model, Options)).Message);

    [Fact]
    public void File_is_refused()
    {
        var file = Path.Combine(_cache, "model.safetensors");
        File.WriteAllText(file, "");
        Assert.Equal(
            $"{file}: is a file; give the checkpoint directory that holds it",
            Assert.Throws<BadFileException>(() => ModelLocator.Find(file, Options)).Message);
    }

    // A ref is a file that anything may have written: only a commit in it leads to a snapshot.
    [Theory, InlineData("../../../"), InlineData("/etc"), InlineData("")]
    public void Reference_that_holds_no_commit_leads_nowhere(string content)
    {
        Put("main", "config.json", "model.safetensors");
        File.WriteAllText(Path.Combine(ModelFolder, "refs", "main"), content);
        Assert.Contains("no such model in the cache", Assert.Throws<BadFileException>(() => ModelLocator.Find("owner/name", Options)).Message);
    }

    private string Put(string reference, params string[] files)
    {
        var (snapshot, refFile) = (Path.Combine(ModelFolder, "snapshots", Commit), Path.Combine(ModelFolder, "refs", reference));
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.GetDirectoryName(refFile)!);
        File.WriteAllText(refFile, Commit);
        foreach (var file in files) File.WriteAllText(Path.Combine(snapshot, file), "{}");
        return snapshot;
    }
}
