using ILGPU;

namespace TaH.Kernels;

/// <summary>The next step that a warp sends for. Warps that share a pair take 32 octets in turn; four such pieces are a step.</summary>
/// <param name="Pair">The pair of weight rows; past the last one there is nothing left.</param>
/// <param name="From">The step's first octet.</param>
/// <param name="FirstOfPair">The first octet of the warp's part of every pair.</param>
internal readonly record struct MatVecRingCursor(int Pair, int From, int FirstOfPair)
{
    /// <summary>The first step of a warp.</summary>
    public static MatVecRingCursor Of(MatVecTask task, int warp)
    {
        var first = (warp % task.Slices) * MatVec.WarpSize;
        var pair = (Grid.IdxX * task.PairsPerGroup) + (warp / task.Slices);
        return new MatVecRingCursor(first < task.Octets ? pair : task.Pairs, first, first);
    }

    /// <summary>Octets of each row in the step.</summary>
    public int OctetsOfStep(MatVecTask task)
    {
        if (task.Slices == 1) return IntrinsicMath.Min(MatVecRing.StepOctets, task.Octets - From);
        var octets = 0;
        for (var piece = From; piece < From + (task.Slices * MatVecRing.StepOctets); piece += task.Slices * MatVec.WarpSize)
            octets += IntrinsicMath.Clamp(task.Octets - piece, 0, MatVec.WarpSize);
        return octets;
    }

    /// <summary>The step behind.</summary>
    public MatVecRingCursor Next(MatVecTask task)
    {
        var from = From + (task.Slices * MatVecRing.StepOctets);
        return from < task.Octets
            ? new MatVecRingCursor(Pair, from, FirstOfPair)
            : new MatVecRingCursor(Pair + (Grid.DimX * task.PairsPerGroup), FirstOfPair, FirstOfPair);
    }
}
