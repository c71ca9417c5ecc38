namespace TaH.Tests;

/// <summary>Disks that are full, forbidden, or without symbolic links.</summary>
public sealed class HubSpaceTests
{
    [Fact]
    public async Task Too_little_space_is_said_before_any_download()
    {
        await using var fixture = new HubFixture();
        using var client = new HubClient(fixture.Options, fixture.Clock, HubFixture.Direct()) { FreeSpace = _ => 87_319 };
        var error = await Assert.ThrowsAsync<HubException>(() => client.PullAsync(FakeHub.Model, cancel: TestContext.Current.CancellationToken));

        Assert.Equal($"some-lab/small-model: needs 0.1 MB more, and the disk of {fixture.ModelFolder} has 0.1 MB free", error.Message);
        Assert.Equal(0, fixture.Hub.Downloads);
    }

    [Fact]
    public async Task Space_that_just_suffices_suffices()
    {
        await using var fixture = new HubFixture();
        // The sum of the ten files' sizes.
        using var client = new HubClient(fixture.Options, fixture.Clock, HubFixture.Direct()) { FreeSpace = _ => 87_320 };
        Assert.Equal(87_320, (await client.PullAsync(FakeHub.Model, cancel: TestContext.Current.CancellationToken)).DownloadedBytes);
    }

    [Fact]
    public async Task Without_symbolic_links_the_snapshot_holds_copies()
    {
        await using var fixture = new HubFixture();
        using var client = new HubClient(fixture.Options, fixture.Clock, HubFixture.Direct())
        {
            CreateLink = (_, _) => throw new IOException("A required privilege is not held by the client."),
        };
        var result = await client.PullAsync(FakeHub.Model, cancel: TestContext.Current.CancellationToken);

        Assert.All(result.Files, path => Assert.Null(new FileInfo(Path.Combine(result.Directory, path)).LinkTarget));
        Assert.All(result.Files, path => Assert.Equal(fixture.Hub.Files[path], File.ReadAllBytes(Path.Combine(result.Directory, path))));
    }

    // As huggingface_hub leaves it where there are no links: contents in the snapshot, no blobs.
    [Fact]
    public async Task Snapshot_of_plain_files_is_not_downloaded_again()
    {
        await using var fixture = new HubFixture();
        var result = await fixture.PullAsync();
        foreach (var path in result.Files)
        {
            File.Delete(Path.Combine(result.Directory, path));
            File.Move(fixture.Blob(path), Path.Combine(result.Directory, path));
        }

        var again = await fixture.PullAsync();
        Assert.Equal(0, again.DownloadedBytes);
    }

    [Fact]
    public async Task Lost_blob_is_downloaded_again_and_its_link_works_again()
    {
        await using var fixture = new HubFixture();
        await fixture.PullAsync();
        File.Delete(fixture.Blob("tokenizer.json"));
        var again = await fixture.PullAsync();

        Assert.Equal(9_000, again.DownloadedBytes);
        Assert.Equal(fixture.Hub.Files["tokenizer.json"], File.ReadAllBytes(Path.Combine(fixture.Snapshot, "tokenizer.json")));
    }

    [Fact]
    public async Task Cache_that_cannot_be_written_is_named()
    {
        await using var fixture = new HubFixture();
        await File.WriteAllTextAsync(fixture.ModelFolder, "a file where the folder should be", TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());
        Assert.StartsWith($"some-lab/small-model: cannot be written to the cache {fixture.ModelFolder}: ", error.Message);
    }

    [Fact]
    public async Task Disk_that_fills_up_on_the_way_is_said_once_and_not_tried_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has /dev/full");
        await using var fixture = new HubFixture();
        Directory.CreateDirectory(Path.GetDirectoryName(fixture.Blob("config.json"))!);
        File.CreateSymbolicLink(fixture.Blob("config.json") + ".incomplete", "/dev/full");
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());

        Assert.StartsWith("some-lab/small-model: cannot be written to the cache ", error.Message);
        Assert.Contains("No space left on device", error.Message);
        Assert.Single(fixture.Hub.AsksFor("config.json"));
    }
}
