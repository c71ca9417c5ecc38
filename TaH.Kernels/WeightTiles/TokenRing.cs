using ILGPU;

namespace TaH.Kernels;

/// <summary>Chunks of packed tokens on their way through shared memory.</summary>
/// <param name="Memory">Where its slots lie.</param>
/// <param name="Packed">The tokens.</param>
/// <param name="Reduced">The reduced inputs of updates: a chunk of each tile.</param>
/// <param name="Tile">The tile of tokens.</param>
/// <param name="ChunkBytes">Bytes of a slot.</param>
/// <param name="Chunks">Chunks of a tile.</param>
internal readonly record struct TokenRing(ulong Memory, ulong Packed, ulong Reduced, int Tile, int ChunkBytes, int Chunks)
{
    /// <summary>Where the tokens of a step lie when they have come.</summary>
    public ulong Slot(int step) => Memory + (ulong)(step % WeightTiles.Slots * ChunkBytes);

    /// <summary>Sends for the thread's part of a chunk. Past the last chunk weights are zeros, and any finite tokens will do.</summary>
    public void Send(int step, int chunk)
    {
        var from = Packed + (((ulong)(Tile * Chunks) + (ulong)IntrinsicMath.Min(chunk, Chunks - 1)) * (ulong)ChunkBytes);
        if (chunk == WeightChunk.Updates) from = Reduced + ((ulong)Tile * (ulong)ChunkBytes);
        var to = Slot(step);
        for (var offset = Group.IdxX * Word16.Bytes; offset < ChunkBytes; offset += Group.DimX * Word16.Bytes)
            PtxInstructions.StartWholeCopy(to + (ulong)offset, from + (ulong)offset);
    }
}
