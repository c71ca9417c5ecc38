using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group takes a few rows, one after the other, and adds up their share of the gradients of weight and bias; a thread always
/// has the same columns.
/// </summary>
internal static class LayerNormBackwardPortable
{
    private const int RowsOfGroup = 4;

    /// <summary>Groups for so many rows.</summary>
    public static int Groups(int rows) => (rows + RowsOfGroup - 1) / RowsOfGroup;

    public static void Kernel(
        Floats x, Floats weight, Floats dy, Floats dx, Floats weightPartials, Floats biasPartials, LayerNormShape shape)
    {
        var partial = (long)Grid.IdxX * shape.Width; // partials[group, 0]
        var first = Grid.IdxX * RowsOfGroup;
        var end = XMath.Min(shape.Rows, first + RowsOfGroup);
        for (var row = first; row < end; row++)
        {
            var start = (long)row * shape.Width; // x[row, 0]
            float sum = 0f, gradients = 0f;
            for (var i = Group.IdxX; i < shape.Width; i += Group.DimX)
            {
                sum += x[start + i];
                gradients += dy[start + i] * weight[i];
            }
            var (sumOfAll, sumOfGradients) = GroupReduce.Sum(sum, gradients);
            var mean = sumOfAll / shape.Width;
            float squares = 0f, products = 0f;
            for (var i = Group.IdxX; i < shape.Width; i += Group.DimX)
            {
                var difference = x[start + i] - mean;
                squares += difference * difference;
                products += difference * dy[start + i] * weight[i];
            }
            var (sumOfSquares, sumOfProducts) = GroupReduce.Sum(squares, products);
            var scale = XMath.Rsqrt((sumOfSquares / shape.Width) + shape.Epsilon);
            float shift = sumOfGradients / shape.Width, share = sumOfProducts * scale / shape.Width;
            for (var i = Group.IdxX; i < shape.Width; i += Group.DimX)
            {
                var normed = (x[start + i] - mean) * scale;
                var upstream = dy[start + i];
                float before = 0f, biasBefore = 0f;
                if (row > first) (before, biasBefore) = (weightPartials[partial + i], biasPartials[partial + i]);
                weightPartials[partial + i] = before + (upstream * normed);
                biasPartials[partial + i] = biasBefore + upstream;
                dx[start + i] = ((upstream * weight[i]) - shift - (normed * share)) * scale;
            }
        }
    }
}
