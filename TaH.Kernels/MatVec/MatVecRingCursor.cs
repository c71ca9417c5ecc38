using ILGPU;

namespace TaH.Kernels;

/// <summary>The next step that a warp sends for. Warps that share a pair take 32 octets in turn; four such pieces are a step.</summary>
/// <param name="Pair">The pair of weight rows; past the last one there is nothing left.</param>
/// <param name="From">The step's first octet.</param>
/// <param name="First">Where the step begins in the first weight row.</param>
/// <param name="Second">Where it begins in the second.</param>
internal readonly record struct MatVecRingCursor(int Pair, int From, ulong First, ulong Second)
{
    /// <summary>The first step of a warp.</summary>
    public static MatVecRingCursor Of<TPairs>(TPairs pairs, MatVecTask task, int warp, int octetBytes) where TPairs : struct, IWeightPairs
    {
        var from = (warp % task.Slices) * MatVec.WarpSize;
        var pair = (Grid.IdxX * task.PairsPerGroup) + (warp / task.Slices);
        return At(pairs, task, from < task.Octets ? pair : task.Pairs, from, octetBytes);
    }

    /// <summary>The step behind.</summary>
    public MatVecRingCursor Next<TPairs>(TPairs pairs, MatVecTask task, int warp, int octetBytes) where TPairs : struct, IWeightPairs
    {
        var from = From + (task.Slices * MatVecRing.StepOctets);
        if (from >= task.Octets)
            return At(pairs, task, Pair + (Grid.DimX * task.PairsPerGroup), (warp % task.Slices) * MatVec.WarpSize, octetBytes);
        var bytes = (ulong)(task.Slices * MatVecRing.StepOctets * octetBytes);
        return new MatVecRingCursor(Pair, from, First + bytes, Second + bytes);
    }

    private static MatVecRingCursor At<TPairs>(TPairs pairs, MatVecTask task, int pair, int from, int octetBytes) where TPairs : struct, IWeightPairs
    {
        if (pair >= task.Pairs) return new MatVecRingCursor(pair, from, 0, 0);
        ulong rowBytes = (ulong)task.Octets * (ulong)octetBytes, offset = (ulong)(from * octetBytes);
        return new MatVecRingCursor(pair, from, pairs.First(pair, rowBytes) + offset, pairs.Second(pair, rowBytes) + offset);
    }
}
