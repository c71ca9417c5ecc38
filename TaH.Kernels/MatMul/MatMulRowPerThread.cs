using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread a weight row and four rows of x: no barrier, weights in 16-byte words; a CPU core then walks memory in a straight line.</summary>
internal static class MatMulRowPerThread
{
    public static void Kernel<TWords>(Floats x, ArrayView<Word16> weight, Floats bias, Floats y, MatMulTask task) where TWords : struct, IWordFormat
    {
        var output = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (output >= task.Outer) return;
        var row = Grid.IdxY * MatMulTask.RowBlock;
        var words = task.Inner / default(TWords).Elements;
        var w = (long)output * words; // the first word of weight[output]
        if (task.Rows == 1)
        {
            var sum = 0f;
            for (var i = 0; i < words; i++) sum = default(TWords).AddDot(weight[w + i], x, i * default(TWords).Elements, sum);
            task.Store(y, bias, row, output, sum);
            return;
        }
        long x0 = task.RowStart(row), x1 = task.RowStart(row + 1), x2 = task.RowStart(row + 2), x3 = task.RowStart(row + 3);
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        for (var i = 0; i < words; i++)
        {
            var word = weight[w + i];
            var at = i * default(TWords).Elements;
            sum0 = default(TWords).AddDot(word, x, x0 + at, sum0);
            sum1 = default(TWords).AddDot(word, x, x1 + at, sum1);
            sum2 = default(TWords).AddDot(word, x, x2 + at, sum2);
            sum3 = default(TWords).AddDot(word, x, x3 + at, sum3);
        }
        task.Store(y, bias, row, output, sum0);
        task.Store(y, bias, row + 1, output, sum1);
        task.Store(y, bias, row + 2, output, sum2);
        task.Store(y, bias, row + 3, output, sum3);
    }
}
