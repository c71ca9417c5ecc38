using System.Collections.Concurrent;

namespace TaH.Tests;

/// <summary>A fake hub, an empty cache and a clock without waits: what every pull test starts from.</summary>
internal sealed class HubFixture(FakeHub hub) : IAsyncDisposable
{
    public HubFixture()
        : this(FakeHub.WithCheckpoint())
    {
    }

    public FakeHub Hub { get; } = hub;

    public ImmediateClock Clock { get; } = new();

    public string Cache { get; } = Directory.CreateTempSubdirectory("tah-hub-").FullName;

    public HubOptions Options => new() { Endpoint = Hub.Address, CacheDirectory = Cache, StallTimeout = TimeSpan.FromSeconds(20) };

    public string ModelFolder => Path.Combine(Cache, "models--some-lab--small-model");

    public string Snapshot => Path.Combine(ModelFolder, "snapshots", FakeHub.Commit);

    public string Blob(string path) => Path.Combine(ModelFolder, "blobs", Hub.ETag(path));

    public string MainRef => Path.Combine(ModelFolder, "refs", "main");

    public HubClient Client(HubOptions? options = null) => new(options ?? Options, Clock, Direct());

    public Task<PullResult> PullAsync(HubOptions? options = null, IProgress<PullProgress>? progress = null) =>
        PullUntilAsync(TestContext.Current.CancellationToken, progress, options);

    public async Task<PullResult> PullUntilAsync(CancellationToken cancel, IProgress<PullProgress>? progress = null, HubOptions? options = null)
    {
        using var client = Client(options);
        return await client.PullAsync(FakeHub.Model, progress, cancel);
    }

    /// <summary>Tests never go through a proxy that the environment may name.</summary>
    public static SocketsHttpHandler Direct() => new() { UseProxy = false };

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Directory.Delete(Cache, recursive: true);
    }
}

/// <summary>Calls back on the reporting thread, unlike <see cref="Progress{T}"/>, so that a test sees every report before the next byte.</summary>
internal sealed class SyncProgress(Action<PullProgress>? onReport = null) : IProgress<PullProgress>
{
    private readonly ConcurrentQueue<PullProgress> _reports = new();

    public IReadOnlyList<PullProgress> Reports => [.. _reports];

    public void Report(PullProgress value)
    {
        _reports.Enqueue(value);
        onReport?.Invoke(value);
    }
}
