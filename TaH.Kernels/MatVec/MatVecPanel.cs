using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A panel of x in shared memory, f32. Of each octet the low four elements lie in the first half of a row and the high four in the second, so that
/// neighbouring threads, which read neighbouring octets 16 bytes at a time, never meet in a bank.
/// </summary>
internal static class MatVecPanel
{
    /// <summary>Floats that fit beside <see cref="MatVec.ScratchLength"/> in the 48 KiB that any group may have.</summary>
    public const int Capacity = 12288 - MatVec.ScratchLength;

    /// <summary>Octets of each of some rows that fit, whole batches of a warp.</summary>
    public static int LargestOctets(int rows) => Capacity / (MatVecTask.Octet * rows) / MatVec.BatchOctets * MatVec.BatchOctets;

    /// <summary>The place of an element of the first row.</summary>
    public static int Place(int element, MatVecTask task) => ((element & 4) * task.PanelOctets) + ((element >> 3) * 4) + (element & 3);

    /// <summary>
    /// Fills the panel, times the gain if x is normalised, and notes each warp's part of the sum of squares. Rows are shared out among the warps.
    /// </summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="gain">[inner]; read only if x is normalised.</param>
    /// <param name="panel">Written.</param>
    /// <param name="squares">[warps], written: the sum so far from the first panel on.</param>
    /// <param name="from">The panel's first octet.</param>
    /// <param name="rows">Rows that the kernel was compiled for.</param>
    /// <param name="task">The sizes.</param>
    public static void Stage(Floats x, Floats gain, Floats panel, Floats squares, int from, int rows, MatVecTask task)
    {
        var threads = MatVec.GroupSize / rows; // of a row: whole warps
        var row = Group.IdxX / threads;
        if (row >= task.Rows) return;
        var slot = Group.IdxX % threads;
        var start = from * MatVecTask.Octet;
        var elements = IntrinsicMath.Min(task.PanelOctets * MatVecTask.Octet, task.Inner - start);
        var octets = IntrinsicMath.Min(task.PanelOctets, task.StagedOctets - from);
        var source = ((long)row * task.Inner) + start;
        var target = row * task.PanelOctets * MatVecTask.Octet;
        var sum = 0f;
        for (var octet = slot; octet < octets; octet += threads)
        {
            var from8 = PtxInstructions.AddressOf(ref x[source + (octet * MatVecTask.Octet)]);
            var low = PtxInstructions.LoadQuad(from8);
            var high = PtxInstructions.LoadQuad(from8 + Word16.Bytes);
            if (task.Normalize != 0)
            {
                sum += low.Squares() + high.Squares();
                var gain8 = PtxInstructions.AddressOf(ref gain[start + (octet * MatVecTask.Octet)]);
                low = low.Times(PtxInstructions.LoadQuad(gain8));
                high = high.Times(PtxInstructions.LoadQuad(gain8 + Word16.Bytes));
            }
            PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[target + (octet * 4)]), low);
            PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[target + ((task.PanelOctets + octet) * 4)]), high);
        }
        for (var element = (IntrinsicMath.Max(octets, 0) * MatVecTask.Octet) + slot; element < elements; element += threads)
        {
            var value = x[source + element];
            if (task.Normalize != 0)
            {
                sum += value * value;
                value *= gain[start + element];
            }
            panel[target + Place(element, task)] = value;
        }
        if (task.Normalize == 0) return;
        sum = WarpReduce.Sum(sum);
        var warp = Group.IdxX / MatVec.WarpSize;
        if (Group.IdxX % MatVec.WarpSize == 0) squares[warp] = from == 0 ? sum : squares[warp] + sum;
    }
}
