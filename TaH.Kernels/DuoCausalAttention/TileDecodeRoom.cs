namespace TaH.Kernels;

/// <summary>The shared memory of a group: rings of tiles, queries, and what its warps bring together.</summary>
/// <param name="Start">Where it starts, a multiple of <see cref="Alignment"/>.</param>
/// <param name="Heads">Query heads.</param>
internal readonly record struct TileDecodeRoom(uint Start, int Heads)
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
    private const int SoftmaxBytes = 2 * sizeof(float);

    /// <summary>Where the tiles of a warp go.</summary>
    public uint Ring(int warp) => Start + (uint)(warp * RingBytes);

    /// <summary>Two columns a head.</summary>
    public uint Queries => Start + (TileDecodeKernel.Warps * RingBytes);

    /// <summary>[warps, heads, headDim].</summary>
    public uint Sums(int warp) => Queries + QueryBytes + (uint)(warp * Heads * SumsBytes);

    /// <summary>[warps, heads] largest score and weight.</summary>
    public uint Softmax(int warp, int head) => Sums(TileDecodeKernel.Warps) + (uint)(((warp * Heads) + head) * SoftmaxBytes);

    /// <summary>All of it, and room to align.</summary>
    public int Bytes => (int)(Softmax(TileDecodeKernel.Warps, 0) - Start) + Alignment;
}
