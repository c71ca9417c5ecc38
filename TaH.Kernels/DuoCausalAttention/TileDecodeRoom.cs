namespace TaH.Kernels;

/// <summary>The shared memory of a group: rings of tiles, queries, and what the warps of a cluster send to its first group.</summary>
/// <param name="Start">Where it starts, a multiple of <see cref="Alignment"/>.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Groups">Groups of the cluster.</param>
internal readonly record struct TileDecodeRoom(uint Start, int Heads, int Groups)
{
    /// <summary>So that places within a row of 256 bytes are the lower bits of an address.</summary>
    public const int Alignment = 256;

    /// <summary>Bytes of a tile's keys, and of its values.</summary>
    public const int HalfBytes = TileDecodeKernel.TileEntries * RowBytes;

    /// <summary>Bytes of a tile: keys, then values.</summary>
    public const int TileBytes = 2 * HalfBytes;

    /// <summary>Bytes of an entry's head, and of a column of queries.</summary>
    public const int RowBytes = TileDecodeKernel.HeadDim * sizeof(ushort);

    /// <summary>Bytes of one head's sums.</summary>
    public const int SumsBytes = TileDecodeKernel.HeadDim * sizeof(float);

    private const int RingBytes = TileDecodeKernel.Stages * TileBytes;
    private const int QueryBytes = 2 * TileDecodeKernel.MaxHeads * RowBytes;
    private const int BarrierBytes = 16;
    private const int SoftmaxBytes = 2 * sizeof(float);

    /// <summary>Where the tiles of a warp go.</summary>
    public uint Ring(int warp) => Start + (uint)(warp * RingBytes);

    /// <summary>Two columns a head.</summary>
    public uint Queries => Start + (TileDecodeKernel.Warps * RingBytes);

    /// <summary>Counts the bytes that come.</summary>
    public uint Barrier => Queries + QueryBytes;

    /// <summary>[warps of the cluster, heads] largest score and weight.</summary>
    public uint Softmax(int warp, int head) => Barrier + BarrierBytes + (uint)(((warp * Heads) + head) * SoftmaxBytes);

    /// <summary>[warps of the cluster, heads, headDim].</summary>
    public uint Sums(int warp) => Softmax(Groups * TileDecodeKernel.Warps, 0) + (uint)(warp * Heads * SumsBytes);

    /// <summary>Bytes that a warp sends.</summary>
    public int BytesOfWarp => Heads * (SumsBytes + SoftmaxBytes);

    /// <summary>All of it, and room to align.</summary>
    public int Bytes => (int)(Sums(Groups * TileDecodeKernel.Warps) - Start) + Alignment;
}
