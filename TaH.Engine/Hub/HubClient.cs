namespace TaH.Engine;

/// <summary>Brings models from the Hugging Face hub into the cache that Hugging Face's own tools use.</summary>
public sealed class HubClient : IDisposable
{
    private const long MaxListingBytes = 64 << 20;
    private readonly HubOptions _options;
    private readonly TimeProvider _clock;
    private readonly HubTransport _transport;
    private readonly HubRetry _retry;

    /// <summary>Nothing is sent before <see cref="PullAsync"/>.</summary>
    /// <param name="options">Address, token, cache and patience; see <see cref="HubOptions.FromEnvironment"/>.</param>
    public HubClient(HubOptions options)
        : this(options, TimeProvider.System, new SocketsHttpHandler())
    {
    }

    internal HubClient(HubOptions options, TimeProvider clock, SocketsHttpHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ParallelFiles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Attempts, 1);
        (_options, _clock, _retry) = (options, clock, new HubRetry(options, clock));
        _transport = new HubTransport(options, clock, handler);
    }

    /// <summary>Bytes free on the disk of a directory; tests make it small.</summary>
    internal Func<string, long> FreeSpace { get; init; } = directory => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Makes a symbolic link; tests take it away, as Windows does.</summary>
    internal Action<string, string> CreateLink { get; init; } = (path, target) => File.CreateSymbolicLink(path, target);

    /// <summary>
    /// Downloads what a checkpoint needs of a model, several files at a time, each checked against the hash that the hub lists. What is there is not
    /// downloaded again, and a pull that was cancelled goes on where it stopped. Several processes may pull at once.
    /// </summary>
    /// <param name="model">The model and its revision.</param>
    /// <param name="progress">Told of every file first, then of every piece that arrives, from several threads.</param>
    /// <param name="cancel">Ends the pull; the parts stay in the cache.</param>
    /// <exception cref="HubException">It could not be brought; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<PullResult> PullAsync(HubModelName model, IProgress<PullProgress>? progress = null, CancellationToken cancel = default)
    {
        var cache = new HubCache(_options.CacheDirectory, model, CreateLink);
        if (_options.Offline) throw new HubException($"{model}: cannot be pulled, since HF_HUB_OFFLINE is set");
        try
        {
            return await BringAsync(cache, model, progress, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"{model}: cannot be written to the cache {cache.Folder}: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private async Task<PullResult> BringAsync(HubCache cache, HubModelName model, IProgress<PullProgress>? progress, CancellationToken cancel)
    {
        var listing = await _retry.RunAsync(model.ToString(), token => ListAsync(model, token), cancel);
        foreach (var file in listing.Files)
        {
            var isThere = cache.Has(file, listing.Commit);
            progress?.Report(new PullProgress(file.Path, isThere ? file.Size : cache.PartialBytesOf(file), file.Size, isThere));
        }

        var missing = listing.Files.Where(file => !cache.Has(file, listing.Commit)).DistinctBy(file => file.ETag).ToList();
        cache.Create();
        CheckSpace(cache, model, missing);
        var download = new BlobDownload(_transport, _retry, _options, _clock, cache, model, listing.Commit);
        var received = 0L;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ParallelFiles, CancellationToken = cancel };
        await Parallel.ForEachAsync(missing, parallel, async (file, token) =>
        {
            var bytes = await download.RunAsync(file, done => progress?.Report(new PullProgress(file.Path, done, file.Size, IsDone: false)), token);
            Interlocked.Add(ref received, bytes);
            progress?.Report(new PullProgress(file.Path, file.Size, file.Size, IsDone: true));
        });

        cache.Link(listing.Files, listing.Commit);
        cache.WriteRef(listing.Commit);
        return new PullResult(cache.Snapshot(listing.Commit), listing.Commit, [.. listing.Files.Select(file => file.Path)], received);
    }

    private async Task<HubListing> ListAsync(HubModelName model, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            var path = $"/api/models/{model.Id}/revision/{Uri.EscapeDataString(model.Revision)}?blobs=true";
            using var response = await _transport.GetAsync(path, start: 0, model.ToString(), model, cancel);
            patience.CancelAfter(_options.StallTimeout);
            await response.Content.LoadIntoBufferAsync(MaxListingBytes, patience.Token);
            return await HubListing.ReadAsync(await response.Content.ReadAsStreamAsync(cancel), model, cancel);
        }
        catch (TransientHubException error) when (error.IsUnreachable)
        {
            // Nothing has worked yet: more likely no network or a wrong HF_ENDPOINT than a hiccup, so the user hears of it at once.
            throw new HubException($"{model}: {error.Message}; is there a network, and is {_options.Endpoint} (HF_ENDPOINT) right?", error);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new HubException($"{model}: the hub's list of files is over {MaxListingBytes >> 20} MiB", error);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw new TransientHubException($"the connection dropped: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new TransientHubException($"the list of files did not come in {_options.StallTimeout.TotalSeconds:0.#} s", error);
        }
    }

    private void CheckSpace(HubCache cache, HubModelName model, IReadOnlyList<HubFile> missing)
    {
        var needed = missing.Sum(file => (decimal)file.Size - cache.PartialBytesOf(file));
        var free = FreeSpace(cache.Folder);
        if (needed <= free) return;
        var (more, has) = (needed / 1_000_000, free / 1_000_000m);
        throw new HubException($"{model}: needs {more:N1} MB more, and the disk of {cache.Folder} has {has:N1} MB free");
    }
}
