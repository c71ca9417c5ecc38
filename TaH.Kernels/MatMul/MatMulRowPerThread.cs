using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A thread a weight row and four rows of x: no barrier, and weights in 16-byte words, so that a CPU core walks memory in a straight line.
/// </summary>
internal static class MatMulRowPerThread
{
    public static void Kernel<TWords>(Floats x, ArrayView<Word16> weight, Floats bias, Floats y, MatMulTask task) where TWords : struct, IWordFormat
    {
        var output = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (output >= task.Outer) return;
        var row = Grid.IdxY * MatMulTask.RowBlock;
        var words = task.Inner / default(TWords).Elements;
        var w = (long)output * words; // the first word of weight[output]
        // A row of x after the other: the weight row is in cache the second time, and OpenCL compilers put only this short loop on vectors.
        for (var end = row + MatMulTask.RowBlock; row < end && row < task.Rows; row++)
        {
            var start = task.RowStart(row);
            var sums = default(Sums8);
            for (var i = 0; i < words; i++) sums = default(TWords).AddDot(weight[w + i], x, start + (i * default(TWords).Elements), sums);
            task.Store(y, bias, row, output, sums.Total);
        }
    }
}
