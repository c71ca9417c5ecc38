using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TaH.Tests;

internal sealed record HttpAsk(string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    public string? Range => Headers.GetValueOrDefault("Range");
}

internal sealed record HttpReply(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Close the connection after so many bytes of the body.</summary>
    public int? DropAfter { get; init; }

    /// <summary>Send so many bytes of the body, then nothing more until the other side hangs up.</summary>
    public int? StallAfter { get; init; }
}

/// <summary>An HTTP/1.1 server on the loopback address, one request a connection; its answers may lie, break off or hang at an exact byte.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<HttpAsk> _asks = new();
    private readonly Func<HttpAsk, Task<HttpReply>> _answer;
    private readonly Task _accepting;

    public LoopbackServer(Func<HttpAsk, Task<HttpReply>> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyList<HttpAsk> Asks => [.. _asks];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var ask = await ReadAsync(stream);
                _asks.Enqueue(ask);
                await WriteAsync(stream, await _answer(ask));
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The client hung up, as a cancelled pull does, or the test is over.
            }
        }
    }

    private async Task<HttpAsk> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var octet = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(octet, _end.Token);
            text.Append((char)octet[0]);
        }

        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new HttpAsk(lines[0].Split(' ')[1], headers);
    }

    private async Task WriteAsync(NetworkStream stream, HttpReply reply)
    {
        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Said\r\nConnection: close\r\nContent-Length: {reply.Body.Length}\r\n");
        foreach (var (name, value) in reply.Headers) head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
        await stream.WriteAsync(reply.Body.AsMemory(0, reply.DropAfter ?? reply.StallAfter ?? reply.Body.Length), _end.Token);
        if (reply.StallAfter is not null) await stream.ReadExactlyAsync(new byte[1], _end.Token);
    }
}
