using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace TaH.Engine;

/// <summary>What a rank says when it comes to rank 0, and what it is answered.</summary>
/// <param name="Magic">Tells ranks from anything else that knocks at an open port.</param>
/// <param name="WorldSize">What it was started with.</param>
/// <param name="Rank">Which it is.</param>
/// <param name="Device">What it computes on.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RankGreeting(ulong Magic, int WorldSize, int Rank, DeviceKind Device)
{
    private const ulong Expected = 0x31_6B6E_6152_4861_54; // "TaHRank1"; another number when the protocol changes
    private const int LongestAnswer = 1000;

    /// <summary>That of a rank.</summary>
    public static RankGreeting Of(RankPlace place, DeviceKind device) => new(Expected, place.WorldSize, place.Rank, device);

    /// <summary>Reads one; null from who is no rank.</summary>
    public static RankGreeting? Receive(Socket socket)
    {
        var greeting = default(RankGreeting);
        var bytes = MemoryMarshal.AsBytes(new Span<RankGreeting>(ref greeting));
        return socket.TryReceiveAll(bytes) && greeting.Magic == Expected ? greeting : null;
    }

    /// <summary>Says it.</summary>
    public bool TrySend(Socket socket)
    {
        var greeting = this;
        return socket.TrySendAll(MemoryMarshal.AsBytes(new ReadOnlySpan<RankGreeting>(ref greeting)));
    }

    /// <summary>Answers: nothing for a welcome, or the sentence that ends the run on all ranks.</summary>
    public static void Answer(Socket socket, string sentence)
    {
        var text = Encoding.UTF8.GetBytes(sentence);
        _ = socket.TrySendAll(BitConverter.GetBytes(text.Length)) && socket.TrySendAll(text);
    }

    /// <summary>Waits for the answer; null from what is no rank 0.</summary>
    public static string? ReceiveAnswer(Socket socket)
    {
        var length = 0;
        if (!socket.TryReceiveAll(MemoryMarshal.AsBytes(new Span<int>(ref length))) || length is < 0 or > LongestAnswer) return null;
        var text = new byte[length];
        return socket.TryReceiveAll(text) ? Encoding.UTF8.GetString(text) : null;
    }
}
