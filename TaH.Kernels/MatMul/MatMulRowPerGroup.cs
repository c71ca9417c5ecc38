using ILGPU;

namespace TaH.Kernels;

/// <summary>A group a weight row and four rows of x: neighbouring threads read neighbouring weights, each weight is read once for the four.</summary>
internal static class MatMulRowPerGroup
{
    public static void Kernel<TStored, TFormat>(Floats x, ArrayView<TStored> weight, Floats bias, Floats y, MatMulTask task)
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored>
    {
        var output = Grid.IdxX;
        var row = Grid.IdxY * MatMulTask.RowBlock;
        var w = (long)output * task.Inner; // weight[output, 0]
        long x0 = task.RowStart(row), x1 = task.RowStart(row + 1), x2 = task.RowStart(row + 2), x3 = task.RowStart(row + 3);
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        for (var i = Group.IdxX; i < task.Inner; i += Group.DimX)
        {
            var value = default(TFormat).Widen(weight[w + i]);
            sum0 += value * x[x0 + i];
            sum1 += value * x[x1 + i];
            sum2 += value * x[x2 + i];
            sum3 += value * x[x3 + i];
        }
        sum0 = GroupReduce.Sum(sum0);
        // The same for every thread of the group, so all meet at the barriers inside or none does.
        if (row + 1 < task.Rows) sum1 = GroupReduce.Sum(sum1);
        if (row + 2 < task.Rows) sum2 = GroupReduce.Sum(sum2);
        if (row + 3 < task.Rows) sum3 = GroupReduce.Sum(sum3);
        if (Group.IdxX != 0) return;
        task.Store(y, bias, row, output, sum0);
        task.Store(y, bias, row + 1, output, sum1);
        task.Store(y, bias, row + 2, output, sum2);
        task.Store(y, bias, row + 3, output, sum3);
    }
}
