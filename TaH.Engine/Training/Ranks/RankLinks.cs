using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TaH.Engine;

/// <summary>Connections between ranks: rank 0 has one to each, the others have one to rank 0.</summary>
/// <param name="place">Which this is.</param>
/// <param name="peers">By rank; null where there is no connection.</param>
internal sealed class RankLinks(RankPlace place, Socket?[] peers) : IDisposable
{
    public int Rank => place.Rank;

    public int WorldSize => place.WorldSize;

    /// <summary>Sends all elements.</summary>
    /// <exception cref="DistributedException">The other one is gone.</exception>
    public void Send<T>(int rank, ReadOnlySpan<T> values) where T : unmanaged
    {
        if (!peers[rank]!.TrySendAll(MemoryMarshal.AsBytes(values))) throw Gone(rank);
    }

    /// <summary>Waits for all elements.</summary>
    /// <exception cref="DistributedException">The other one is gone.</exception>
    public void Receive<T>(int rank, Span<T> values) where T : unmanaged
    {
        if (!peers[rank]!.TryReceiveAll(MemoryMarshal.AsBytes(values))) throw Gone(rank);
    }

    /// <summary>Looks whether all are still there, and returns at once.</summary>
    /// <exception cref="DistributedException">One is gone.</exception>
    public void Look()
    {
        for (var rank = 0; rank < peers.Length; rank++)
            if (peers[rank] is { } socket && socket.IsClosedByPeer()) throw Gone(rank);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var peer in peers) peer?.Dispose();
    }

    private static DistributedException Gone(int rank) => new($"rank {rank} has left the run; what it wrote last says why");
}
