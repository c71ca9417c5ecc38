using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a head, a thread the same pairs in both walks.</summary>
internal static class RotateHeadsPortable
{
    public static void Kernel(Floats x, Floats weight, Ints positions, Floats rope, Floats y, RotateHeadsShape shape)
    {
        var half = shape.HeadDim / 2;
        var angles = (long)positions[Grid.IdxX / shape.Heads] * shape.HeadDim; // rope[position, 0]
        var start = (long)Grid.IdxX * shape.HeadDim;                           // x[row, head, 0]
        var squares = 0f;
        for (var i = Group.IdxX; i < half; i += Group.DimX)
            squares += (x[start + i] * x[start + i]) + (x[start + half + i] * x[start + half + i]);
        var scale = XMath.Rsqrt((GroupReduce.Sum(squares) / shape.HeadDim) + shape.Epsilon);
        for (var i = Group.IdxX; i < half; i += Group.DimX)
        {
            var low = x[start + i] * scale * weight[i];
            var high = x[start + half + i] * scale * weight[half + i];
            float cos = rope[angles + i], sin = rope[angles + half + i];
            y[start + i] = (low * cos) - (high * sin);
            y[start + half + i] = (high * cos) + (low * sin);
        }
    }
}
