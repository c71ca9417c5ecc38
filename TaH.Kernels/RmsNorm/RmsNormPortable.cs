using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a row, squares summed as a tree in shared memory.</summary>
internal static class RmsNormPortable
{
    public static void Kernel(Floats x, Floats weight, Floats y, RmsNormShape shape)
    {
        var row = (long)Grid.IdxX * shape.Hidden; // x[row, 0]
        var squares = 0f;
        for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX) squares += x[row + i] * x[row + i];
        var scale = XMath.Rsqrt((GroupReduce.Sum(squares) / shape.Hidden) + shape.Epsilon);
        for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX) y[row + i] = x[row + i] * scale * weight[i];
    }
}
