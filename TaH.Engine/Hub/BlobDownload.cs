using System.Net;

namespace TaH.Engine;

/// <summary>
/// Brings one file into the cache's blobs: resumed where an earlier pull stopped, tried again after failures, and named only once its hash is right.
/// </summary>
internal sealed class BlobDownload(
    HubTransport transport, HubRetry retry, HubOptions options, TimeProvider clock, HubCache cache, HubModelName model, string commit)
{
    private const int MaxWrongHashes = 3;

    /// <summary>So many bytes between two drops show that the line works: the count of failures in a row starts anew.</summary>
    private const long BytesThatCountAsProgress = 1 << 20;

    /// <returns>The bytes that came over the network.</returns>
    /// <exception cref="HubException">It could not be brought; the message names the file and says why.</exception>
    public async Task<long> RunAsync(HubFile file, Action<long> report, CancellationToken cancel)
    {
        using var held = await BlobLock.AcquireAsync(cache.Lock(file), clock, cancel);
        if (cache.Has(file, commit)) return 0;          // another pull brought it while this one waited
        var transfer = new Transfer(file, report);
        using (var part = await PartialBlob.OpenAsync(cache.Incomplete(file), file, cancel))
        {
            report(part.Length);
            var subject = $"{model}: {file.Path}";
            while (!await retry.RunAsync(subject, token => AdvanceAsync(part, transfer, subject, token), cancel))
            {
            }
        }

        File.Move(cache.Incomplete(file), cache.Blob(file), overwrite: true);
        return transfer.Received;
    }

    /// <returns>True where the file is whole and right, false where a drop came after enough progress to go on at once.</returns>
    private async Task<bool> AdvanceAsync(PartialBlob part, Transfer transfer, string subject, CancellationToken cancel)
    {
        var before = part.Length;
        if (before < transfer.File.Size)
        {
            try
            {
                await FetchRestAsync(part, transfer, subject, cancel);
            }
            catch (TransientHubException) when (part.Length - before >= BytesThatCountAsProgress)
            {
                return false;
            }
        }

        if (part.Length < transfer.File.Size) throw new TransientHubException($"the server stops after {part.Length} of {transfer.File.Size} bytes");
        if (part.Finish() is var hash && hash == transfer.File.ETag) return true;

        part.Restart();
        transfer.Report(0);
        var fact = $"its {transfer.File.HashName} is {hash}, expected {transfer.File.ETag}";
        throw ++transfer.WrongHashes < MaxWrongHashes
            ? new TransientHubException(fact)
            : new HubException($"{subject}: {fact}, in {MaxWrongHashes} downloads; the hub or a proxy in between sends wrong bytes");
    }

    private async Task FetchRestAsync(PartialBlob part, Transfer transfer, string subject, CancellationToken cancel)
    {
        var path = string.Join('/', transfer.File.Path.Split('/').Select(Uri.EscapeDataString));
        using var response = await transport.GetAsync($"/{model.Id}/resolve/{commit}/{path}", part.Length, subject, model, cancel);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            part.Restart();
            throw new TransientHubException("the server refuses to send the rest of it");
        }

        if (part.Length > 0 && !Continues(response, part.Length)) part.Restart();
        var received = part.Length;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            await part.AppendAsync(body, options.StallTimeout, transfer.Report, cancel);
        }
        finally
        {
            transfer.Received += part.Length - received;
        }
    }

    // A whole file (200) or another piece than was asked for cannot be appended.
    private static bool Continues(HttpResponseMessage response, long start) =>
        response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == start;

    private sealed class Transfer(HubFile file, Action<long> report)
    {
        public HubFile File => file;

        public Action<long> Report => report;

        public long Received { get; set; }

        public int WrongHashes { get; set; }
    }
}
