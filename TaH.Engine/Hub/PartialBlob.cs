using System.Buffers;
using System.Security.Cryptography;

namespace TaH.Engine;

/// <summary>The beginning of a blob on the disk and the running hash of it. What is there survives a cancelled or crashed pull.</summary>
internal sealed class PartialBlob : IDisposable
{
    private const int BufferBytes = 1 << 18;
    private readonly HubFile _file;
    private readonly FileStream _stream;
    private IncrementalHash _hash;

    private PartialBlob(HubFile file, FileStream stream) => (_file, _stream, _hash) = (file, stream, file.StartHash());

    /// <summary>Bytes on the disk.</summary>
    public long Length { get; private set; }

    /// <summary>Opens what an earlier pull left, if anything, and hashes it.</summary>
    public static async Task<PartialBlob> OpenAsync(string path, HubFile file, CancellationToken cancel)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        var part = new PartialBlob(file, stream);
        try
        {
            if (stream.Length > file.Size) part.Restart();
            await part.HashWhatIsThereAsync(cancel);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Drops everything and begins at the first byte.</summary>
    public void Restart()
    {
        _stream.SetLength(0);
        _stream.Position = Length = 0;
        _hash.Dispose();
        _hash = _file.StartHash();
    }

    /// <summary>Appends a body until it ends. What arrived before a failure stays.</summary>
    /// <exception cref="TransientHubException">The connection dropped, or stalled, or the body is longer than the file.</exception>
    public async Task AppendAsync(Stream body, TimeSpan stallTimeout, Action<long> report, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                var count = await ReadAsync(body, buffer, stallTimeout, patience, cancel);
                if (count == 0) return;
                if (count > _file.Size - Length)
                    throw new TransientHubException($"the server sends more than the {_file.Size} bytes that the file has");
                await _stream.WriteAsync(buffer.AsMemory(0, count), cancel);
                _hash.AppendData(buffer, 0, count);
                Length += count;
                report(Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The hash of what is there, in hex. On to the disk with it first: a blob that has its name must survive a power cut.</summary>
    public string Finish()
    {
        _stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private static async Task<int> ReadAsync(
        Stream body, byte[] buffer, TimeSpan stallTimeout, CancellationTokenSource patience, CancellationToken cancel)
    {
        patience.CancelAfter(stallTimeout);
        try
        {
            return await body.ReadAsync(buffer, patience.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new TransientHubException($"the connection dropped: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new TransientHubException($"no byte came for {stallTimeout.TotalSeconds:0.#} s", error);
        }
    }

    private async Task HashWhatIsThereAsync(CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var left = _stream.Length; left > 0;)
            {
                var count = (int)Math.Min(left, buffer.Length);
                await _stream.ReadExactlyAsync(buffer.AsMemory(0, count), cancel);
                _hash.AppendData(buffer, 0, count);
                Length += count;
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
