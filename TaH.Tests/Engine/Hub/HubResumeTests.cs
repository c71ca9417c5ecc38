namespace TaH.Tests;

/// <summary>Interrupted, resumed, parallel and concurrent pulls.</summary>
public sealed class HubResumeTests
{
    private const string Weights = "model.safetensors";

    [Fact]
    public async Task Cancelled_pull_keeps_the_part_and_the_next_one_goes_on_there()
    {
        await using var fixture = new HubFixture();
        fixture.Hub.Fault = ask => Task.FromResult(
            ask.Target.EndsWith("/" + Weights, StringComparison.Ordinal) && ask.Target.StartsWith("/store/", StringComparison.Ordinal)
                ? fixture.Hub.Content(ask, Weights) with { StallAfter = 10_000 }
                : null);
        using var cancel = new CancellationTokenSource();
        var progress = new SyncProgress(report =>
        {
            if (report is { File: Weights, Bytes: >= 10_000 }) cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.PullUntilAsync(cancel.Token, progress));

        Assert.Equal(10_000, new FileInfo(fixture.Blob(Weights) + ".incomplete").Length);
        Assert.False(File.Exists(fixture.MainRef));
        Assert.False(Directory.Exists(fixture.Snapshot));

        fixture.Hub.Fault = _ => Task.FromResult<HttpReply?>(null);
        var second = new SyncProgress();
        await fixture.PullAsync(progress: second);

        Assert.Equal([null, "bytes=10000-"], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(10_000, second.Reports.First(report => report.File == Weights).Bytes);
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
        Assert.False(File.Exists(fixture.Blob(Weights) + ".incomplete"));
    }

    // The part that lies there is hashed anew: a wrong byte in it costs one more download, never a wrong file.
    [Fact]
    public async Task Part_with_wrong_bytes_is_found_out_and_downloaded_anew()
    {
        await using var fixture = new HubFixture();
        await LeavePartAsync(fixture, new byte[10_000]);
        await fixture.PullAsync();

        Assert.Equal(["bytes=10000-", null], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Fact]
    public async Task Whole_part_is_checked_without_a_request()
    {
        await using var fixture = new HubFixture();
        await LeavePartAsync(fixture, fixture.Hub.Files[Weights]);
        await fixture.PullAsync();

        Assert.Empty(fixture.Hub.AsksFor(Weights));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Fact]
    public async Task Part_longer_than_the_file_is_dropped()
    {
        await using var fixture = new HubFixture();
        await LeavePartAsync(fixture, [.. fixture.Hub.Files[Weights], 0]);
        await fixture.PullAsync();

        Assert.Equal([null], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(6)]
    public async Task As_many_files_at_a_time_as_asked_for(int parallel)
    {
        await using var fixture = new HubFixture();
        var (now, most) = (0, 0);
        var gate = new TaskCompletionSource();
        fixture.Hub.Fault = async ask =>
        {
            if (!ask.Target.Contains("/resolve/")) return null;
            var count = Interlocked.Increment(ref now);
            InterlockedMax(ref most, count);
            if (count == parallel) gate.TrySetResult();
            await gate.Task.WaitAsync(TimeSpan.FromSeconds(5));        // fails the pull where fewer come than the gate waits for
            Interlocked.Decrement(ref now);
            return null;
        };
        await fixture.PullAsync(fixture.Options with { ParallelFiles = parallel });

        // More at a time would be counted, fewer would never open the gate.
        Assert.Equal(parallel, most);
    }

    [Fact]
    public async Task Two_pulls_at_once_download_every_file_once()
    {
        await using var fixture = new HubFixture();
        var bothListed = new TaskCompletionSource();
        var listings = 0;
        fixture.Hub.Fault = async ask =>
        {
            if (ask.Target.StartsWith("/api/", StringComparison.Ordinal) && Interlocked.Increment(ref listings) == 2) bothListed.SetResult();
            if (!ask.Target.StartsWith("/api/", StringComparison.Ordinal)) await bothListed.Task.WaitAsync(TimeSpan.FromSeconds(5));
            return null;
        };
        var results = await Task.WhenAll(fixture.PullAsync(), fixture.PullAsync());

        Assert.Equal(results[0].Directory, results[1].Directory);
        Assert.Equal(results[0].Files.Count, fixture.Hub.HubAsks.Count(ask => ask.Target.Contains("/resolve/")));
        Assert.Equal(results[0].Files.Sum(path => fixture.Hub.Files[path].Length), results.Sum(result => result.DownloadedBytes));
        Assert.All(results[0].Files, path => Assert.Equal(fixture.Hub.Files[path], File.ReadAllBytes(Path.Combine(fixture.Snapshot, path))));
    }

    [Fact]
    public async Task Waits_while_another_process_holds_a_blob()
    {
        await using var fixture = new HubFixture();
        var path = Path.Combine(fixture.Cache, ".locks", "models--some-lab--small-model", fixture.Hub.ETag(Weights) + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var held = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var pull = fixture.PullAsync();
        while (fixture.Clock.Waits.Count == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.Empty(fixture.Hub.AsksFor(Weights));

        File.WriteAllBytes(fixture.Blob(Weights), fixture.Hub.Files[Weights]);      // what the other process brings
        await held.DisposeAsync();
        await pull;

        Assert.Empty(fixture.Hub.AsksFor(Weights));
        Assert.True(File.Exists(Path.Combine(fixture.Snapshot, Weights)));
    }

    [Fact]
    public async Task Reports_every_file_first_and_each_as_done_once()
    {
        await using var fixture = new HubFixture();
        var progress = new SyncProgress();
        var result = await fixture.PullAsync(progress: progress);

        var first = progress.Reports.Take(result.Files.Count).ToList();
        Assert.Equal(result.Files.Order(), first.Select(report => report.File).Order());
        Assert.All(first, report => Assert.Equal((0L, fixture.Hub.Files[report.File].LongLength, false), (report.Bytes, report.Size, report.IsDone)));
        Assert.Equal(result.Files.Order(), progress.Reports.Where(report => report.IsDone).Select(report => report.File).Order());
    }

    private static async Task LeavePartAsync(HubFixture fixture, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(fixture.Blob(Weights))!);
        await File.WriteAllBytesAsync(fixture.Blob(Weights) + ".incomplete", bytes, TestContext.Current.CancellationToken);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
