using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a row; mean, then variance, each summed as a tree in shared memory.</summary>
internal static class LayerNormPortable
{
    public static void Kernel(Floats x, Floats weight, Floats bias, Floats y, LayerNormShape shape)
    {
        var row = (long)Grid.IdxX * shape.Width; // x[row, 0]
        var sum = 0f;
        for (var i = Group.IdxX; i < shape.Width; i += Group.DimX) sum += x[row + i];
        var mean = GroupReduce.Sum(sum) / shape.Width;
        var squares = 0f;
        for (var i = Group.IdxX; i < shape.Width; i += Group.DimX) squares += (x[row + i] - mean) * (x[row + i] - mean);
        var scale = XMath.Rsqrt((GroupReduce.Sum(squares) / shape.Width) + shape.Epsilon);
        for (var i = Group.IdxX; i < shape.Width; i += Group.DimX) y[row + i] = ((x[row + i] - mean) * scale * weight[i]) + bias[i];
    }
}
