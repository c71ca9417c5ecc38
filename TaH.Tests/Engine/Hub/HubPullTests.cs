namespace TaH.Tests;

public sealed class HubPullTests
{
    private static readonly string[] CheckpointFiles =
    [
        "LICENSE", "README.md", "config.json", "generation_config.json", "iter_decider.bin", "lora/adapter_config.json",
        "lora/adapter_model.safetensors", "model.safetensors", "tah_config.json", "tokenizer.json",
    ];

    [Fact]
    public async Task Brings_the_checkpoint_and_no_other_weights_format()
    {
        await using var fixture = new HubFixture();
        var result = await fixture.PullAsync();

        Assert.Equal((fixture.Snapshot, FakeHub.Commit), (result.Directory, result.Commit));
        Assert.Equal(CheckpointFiles, result.Files.Order(StringComparer.Ordinal));
        Assert.Equal(CheckpointFiles, FilesUnder(fixture.Snapshot));
        Assert.All(CheckpointFiles, path => Assert.Equal(fixture.Hub.Files[path], File.ReadAllBytes(Path.Combine(fixture.Snapshot, path))));
        Assert.Equal(CheckpointFiles.Sum(path => fixture.Hub.Files[path].Length), result.DownloadedBytes);
    }

    // As huggingface_hub leaves it: contents under their hash, relative links in the snapshot, the commit without a line end in refs/main.
    [Fact]
    public async Task Lays_the_cache_out_as_huggingface_hub_does()
    {
        await using var fixture = new HubFixture();
        await fixture.PullAsync();

        Assert.Equal(CheckpointFiles.Select(fixture.Hub.ETag).Order(StringComparer.Ordinal), FilesUnder(Path.Combine(fixture.ModelFolder, "blobs")));
        Assert.Equal(FakeHub.Commit, File.ReadAllText(fixture.MainRef));
        Assert.Equal(
            ["blobs", "refs", "snapshots"],
            Directory.GetDirectories(fixture.ModelFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            CheckpointFiles.Select(path => $"models--some-lab--small-model/{fixture.Hub.ETag(path)}.lock").Order(StringComparer.Ordinal),
            FilesUnder(Path.Combine(fixture.Cache, ".locks")));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal($"../../blobs/{fixture.Hub.ETag("config.json")}", new FileInfo(Path.Combine(fixture.Snapshot, "config.json")).LinkTarget);
        Assert.Equal(
            $"../../../blobs/{fixture.Hub.ETag("lora/adapter_model.safetensors")}",
            new FileInfo(Path.Combine(fixture.Snapshot, "lora/adapter_model.safetensors")).LinkTarget);
    }

    [Fact]
    public async Task Second_pull_downloads_nothing()
    {
        await using var fixture = new HubFixture();
        await fixture.PullAsync();
        var before = fixture.Hub.Downloads;
        var again = await fixture.PullAsync();

        Assert.Equal((0L, before), (again.DownloadedBytes, fixture.Hub.Downloads));
    }

    [Fact]
    public async Task Found_under_its_name_after_the_pull()
    {
        await using var fixture = new HubFixture();
        var result = await fixture.PullAsync();

        Assert.Equal(result.Directory, ModelLocator.Find("some-lab/small-model", fixture.Options));
        Assert.Equal(result.Directory, ModelLocator.Find($"some-lab/small-model@{FakeHub.Commit}", fixture.Options));
    }

    private static IEnumerable<string> FilesUnder(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal);
}
