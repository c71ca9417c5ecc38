namespace TaH.Kernels;

/// <summary>What the kernels on tensor cores read and write; addresses of what a kernel does not need are 0.</summary>
/// <param name="Query">Address of q, [heads, rows, headDim] of bf16. Behind this and what follows lie <see cref="Spare"/> lines of numbers.</param>
/// <param name="Key">Of k, [kvHeads, entries, headDim] of bf16.</param>
/// <param name="Value">Of v, likewise.</param>
/// <param name="Gradient">Of dMixed, [heads, rows, headDim] of bf16.</param>
/// <param name="Statistics">[heads, rows]: log-sums in units of log 2; then, spare numbers between, deltas.</param>
/// <param name="Target">What is written: mixed or dq, [rows, heads, headDim], or dk, [entries, kvHeads, headDim].</param>
/// <param name="Second">LogSums, [rows, heads], or dv, [entries, kvHeads, headDim].</param>
/// <param name="Ranges">[rows, depths, 2].</param>
/// <param name="Seers">[entries, 2].</param>
/// <param name="Tiles">[tiles, 2]: first row or entry, and count.</param>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Entries">Entries of all depths.</param>
/// <param name="Depths">How many depths there are.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="HeadsPerKvHead">Query heads that share keys and values.</param>
/// <param name="Scale">What q * k is multiplied by.</param>
internal readonly record struct PackedMmaTask(
    ulong Query, ulong Key, ulong Value, ulong Gradient, ulong Statistics, ulong Target, ulong Second, Ints Ranges, Ints Seers, Ints Tiles, int Rows,
    int Entries, int Depths, int Heads, int HeadsPerKvHead, float Scale)
{
    /// <summary>Lines behind the last that tiles may read; what comes of them is masked, or not written.</summary>
    public const int Spare = AttentionRanges.RowTileSize;

    /// <summary>Log of e to base 2.</summary>
    public const float Log2E = 1.44269504f;

    /// <summary>Natural logarithm of 2.</summary>
    public const float Ln2 = 0.693147181f;

    /// <summary>Key and value heads.</summary>
    public int KvHeads => Heads / HeadsPerKvHead;

    /// <summary>How far into q, or dMixed, a row's line of a head begins.</summary>
    public ulong RowAt(int row, int head, int lineBytes) => (((ulong)head * (ulong)Rows) + (ulong)row) * (ulong)lineBytes;

    /// <summary>Bytes of <see cref="Statistics"/> from a log-sum to the delta.</summary>
    public ulong ToDeltas => DeltasAt(Rows, Heads) * sizeof(float);

    /// <summary>Numbers in front of the deltas.</summary>
    public static ulong DeltasAt(int rows, int heads) => ((ulong)rows * (ulong)heads) + Spare;

    /// <summary>How far into k, or v, an entry's line of a KV head begins.</summary>
    public ulong EntryAt(int entry, int kvHead, int lineBytes) => (((ulong)kvHead * (ulong)Entries) + (ulong)entry) * (ulong)lineBytes;

    /// <summary>What q * k is multiplied by to be a score in units of log 2.</summary>
    public float ScoreScale => Scale * Log2E;

    /// <summary>The first entry of a depth that a row sees.</summary>
    public int Start(int row, int depth) => Ranges[2 * (((long)row * Depths) + depth)];

    /// <summary>The entry behind the last.</summary>
    public int End(int row, int depth) => Ranges[(2 * (((long)row * Depths) + depth)) + 1];

    /// <summary>The block of entries behind another one, of those that the row sees; of no depth behind the last.</summary>
    public PackedEntryBlock Next(PackedEntryBlock block, int row, int size)
    {
        int depth = block.Depth, entry = block.Entry + size, end = block.End;
        while (entry >= end && depth < Depths)
        {
            depth++;
            if (depth < Depths) (entry, end) = (Start(row, depth), End(row, depth));
        }
        return new PackedEntryBlock(depth, entry, end);
    }
}

/// <summary>Entries that a tile of rows takes in at a time.</summary>
/// <param name="Depth">Their depth.</param>
/// <param name="Entry">The first one.</param>
/// <param name="End">Behind the last of this depth that any of the rows sees.</param>
internal readonly record struct PackedEntryBlock(int Depth, int Entry, int End)
{
    /// <summary>In front of the first one.</summary>
    public static PackedEntryBlock None => new(-1, 0, 0);
}
