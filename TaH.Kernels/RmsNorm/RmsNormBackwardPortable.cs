using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group takes a few rows, one after the other, and adds up their share of the weight's gradient; a thread always has the same
/// columns.
/// </summary>
internal static class RmsNormBackwardPortable
{
    // Fewer would write more shares of the weight's gradient, more would leave a large card without work.
    private const int RowsOfGroup = 4;

    /// <summary>Groups for so many rows.</summary>
    public static int Groups(int rows) => (rows + RowsOfGroup - 1) / RowsOfGroup;

    public static void Kernel(Floats x, Floats weight, Floats dy, Floats dx, Floats partials, RmsNormShape shape, int add)
    {
        var partial = (long)Grid.IdxX * shape.Hidden; // partials[group, 0]
        var first = Grid.IdxX * RowsOfGroup;
        var end = XMath.Min(shape.Rows, first + RowsOfGroup);
        for (var row = first; row < end; row++)
        {
            var start = (long)row * shape.Hidden; // x[row, 0]
            float squares = 0f, products = 0f;
            for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
            {
                var value = x[start + i];
                squares += value * value;
                products += value * dy[start + i] * weight[i];
            }
            var (sumOfSquares, sumOfProducts) = GroupReduce.Sum(squares, products);
            var scale = XMath.Rsqrt((sumOfSquares / shape.Hidden) + shape.Epsilon);
            var share = sumOfProducts * scale / shape.Hidden; // the mean of g * n
            for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
            {
                var normed = x[start + i] * scale;
                var upstream = dy[start + i];
                var gradient = ((upstream * weight[i]) - (normed * share)) * scale;
                if (row == first) partials[partial + i] = upstream * normed;
                else partials[partial + i] += upstream * normed;
                if (add != 0) dx[start + i] += gradient;
                else dx[start + i] = gradient;
            }
        }
    }
}
