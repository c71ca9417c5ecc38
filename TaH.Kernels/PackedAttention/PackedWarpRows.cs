using ILGPU;

namespace TaH.Kernels;

/// <summary>The 32 rows of a warp, of which a thread has four: lane / 4, and 8, 16 and 24 below.</summary>
/// <param name="First">The warp's first row.</param>
/// <param name="Count">Rows from there on that are the tile's; may be none, or more than 32.</param>
/// <param name="Lane">The thread.</param>
internal readonly record struct PackedWarpRows(int First, int Count, int Lane)
{
    private int Own => Lane / 4;

    /// <summary>Whether the rows see all entries of the block, or there are none.</summary>
    public bool SeeAll(PackedMmaTask task, PackedEntryBlock block, int size) => Count <= 0 || task.End(First, block.Depth) >= block.Entry + size;

    /// <summary>How many columns each row sees from the thread's first one on.</summary>
    public PackedLimits Limits(PackedMmaTask task, PackedEntryBlock block)
    {
        var column = block.Entry + (Lane % 4 * 2);
        return new PackedLimits(
            Seen(task, block.Depth, 0) - column, Seen(task, block.Depth, 8) - column, Seen(task, block.Depth, 16) - column,
            Seen(task, block.Depth, 24) - column);
    }

    /// <summary>Where the rows' sums go.</summary>
    public PackedTarget Target(PackedMmaTask task, int head, int lineBytes)
    {
        var singleBytes = (ulong)(2 * lineBytes);
        var row = ((ulong)(First + Own) * (ulong)task.Heads) + (ulong)head;
        return new PackedTarget(task.Target + (row * singleBytes) + (ulong)(Lane % 4 * 2 * sizeof(float)), (ulong)task.Heads * singleBytes, Count - Own, 0);
    }

    /// <summary>A number of each row, of those that lie from the first row's on.</summary>
    public Quad Load(ulong address) => new(Load(address, 0), Load(address, 8), Load(address, 16), Load(address, 24));

    /// <summary>Writes the logarithms of the rows' sums.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="head">The head.</param>
    /// <param name="largest">The largest scores, in units of log 2.</param>
    /// <param name="totals">Sums relative to these.</param>
    public void StoreLogSums(PackedMmaTask task, int head, Quad largest, Quad totals)
    {
        if (Lane % 4 != 0) return;
        StoreLogSum(task, head, 0, largest.A, totals.A);
        StoreLogSum(task, head, 8, largest.B, totals.B);
        StoreLogSum(task, head, 16, largest.C, totals.C);
        StoreLogSum(task, head, 24, largest.D, totals.D);
    }

    /// <summary>The largest of the four threads that share a row.</summary>
    public static Quad LargestOfRow(Quad largest) => Larger(Larger(largest, 1), 2);

    /// <summary>The sum over the four threads that share a row.</summary>
    public static Quad SumOfRow(Quad sums)
    {
        sums = sums.Plus(LaneTeam.Exchange(sums, 1));
        return sums.Plus(LaneTeam.Exchange(sums, 2));
    }

    /// <summary>2 to the power of each.</summary>
    public static Quad Exp2(Quad values) => new(
        PtxInstructions.Exp2(values.A), PtxInstructions.Exp2(values.B), PtxInstructions.Exp2(values.C), PtxInstructions.Exp2(values.D));

    /// <summary>1 / each; 0 of 0.</summary>
    public static Quad Reciprocal(Quad values) => new(Reciprocal(values.A), Reciprocal(values.B), Reciprocal(values.C), Reciprocal(values.D));

    private static float Reciprocal(float value) => value == 0f ? 0f : PtxInstructions.Reciprocal(value);

    private static Quad Larger(Quad values, int distance)
    {
        var others = LaneTeam.Exchange(values, distance);
        return new Quad(
            IntrinsicMath.Max(values.A, others.A), IntrinsicMath.Max(values.B, others.B), IntrinsicMath.Max(values.C, others.C),
            IntrinsicMath.Max(values.D, others.D));
    }

    private int Seen(PackedMmaTask task, int depth, int below) => Own + below < Count ? task.End(First + Own + below, depth) : 0;

    private float Load(ulong address, int below) =>
        Own + below < Count ? PtxInstructions.LoadFloat(address + (ulong)((Own + below) * sizeof(float))) : 0f;

    private void StoreLogSum(PackedMmaTask task, int head, int below, float largest, float total)
    {
        if (Own + below >= Count) return;
        var logSum = total == 0f ? float.NegativeInfinity : (largest + PtxInstructions.Log2(total)) * PackedMmaTask.Ln2;
        var at = ((ulong)(First + Own + below) * (ulong)task.Heads) + (ulong)head;
        PtxInstructions.StoreUInt(task.Second + (at * sizeof(float)), Interop.FloatAsInt(logSum));
    }
}
