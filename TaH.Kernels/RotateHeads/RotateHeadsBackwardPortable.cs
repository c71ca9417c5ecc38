using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group takes a few heads of a row, one after the other, and adds up their share of the weight's gradient; a thread always has
/// the same pairs.
/// </summary>
internal static class RotateHeadsBackwardPortable
{
    private const int HeadsOfGroup = 4;

    /// <summary>Groups for all heads.</summary>
    public static int Groups(RotateHeadsShape shape) => checked(shape.Rows * GroupsOfRow(shape));

    public static void Kernel(
        Floats x, Floats weight, Ints positions, Floats rope, Floats dy, Floats dx, Floats partials, RotateHeadsShape shape)
    {
        var half = shape.HeadDim / 2;
        var row = Grid.IdxX / GroupsOfRow(shape);
        var first = Grid.IdxX % GroupsOfRow(shape) * HeadsOfGroup;
        var end = XMath.Min(shape.Heads, first + HeadsOfGroup);
        var angles = (long)positions[row] * shape.HeadDim; // rope[position, 0]
        var partial = (long)Grid.IdxX * shape.HeadDim;     // partials[group, 0]
        for (var head = first; head < end; head++)
        {
            var start = (((long)row * shape.Heads) + head) * shape.HeadDim; // x[row, head, 0]
            float squares = 0f, products = 0f;
            for (var i = Group.IdxX; i < half; i += Group.DimX)
            {
                float low = x[start + i], high = x[start + half + i];
                var (dLow, dHigh) = TurnBack(dy, rope, start, angles, i, half);
                squares += (low * low) + (high * high);
                products += (dLow * weight[i] * low) + (dHigh * weight[half + i] * high);
            }
            var (sumOfSquares, sumOfProducts) = GroupReduce.Sum(squares, products);
            var scale = XMath.Rsqrt((sumOfSquares / shape.HeadDim) + shape.Epsilon);
            var share = sumOfProducts * scale / shape.HeadDim;
            for (var i = Group.IdxX; i < half; i += Group.DimX)
            {
                float low = x[start + i] * scale, high = x[start + half + i] * scale;
                var (dLow, dHigh) = TurnBack(dy, rope, start, angles, i, half);
                float before = 0f, beforeHigh = 0f;
                if (head > first) (before, beforeHigh) = (partials[partial + i], partials[partial + half + i]);
                partials[partial + i] = before + (dLow * low);
                partials[partial + half + i] = beforeHigh + (dHigh * high);
                dx[start + i] = ((dLow * weight[i]) - (low * share)) * scale;
                dx[start + half + i] = ((dHigh * weight[half + i]) - (high * share)) * scale;
            }
        }
    }

    private static int GroupsOfRow(RotateHeadsShape shape) => (shape.Heads + HeadsOfGroup - 1) / HeadsOfGroup;

    /// <summary>The gradient of a pair before its rotation: the transpose of a rotation turns the other way.</summary>
    private static (float Low, float High) TurnBack(Floats dy, Floats rope, long start, long angles, int i, int half)
    {
        float low = dy[start + i], high = dy[start + half + i], cos = rope[angles + i], sin = rope[angles + half + i];
        return ((low * cos) + (high * sin), (high * cos) - (low * sin));
    }
}
