using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element, for softmax one group a row.</summary>
internal static class RowArithmeticPortable
{
    public static void Add(Floats x, Floats y, long length)
    {
        var i = Elements.Index;
        if (i < length) y[i] += x[i];
    }

    public static void AddBias(Floats bias, Floats y, RowsShape shape)
    {
        var i = Elements.Index;
        if (i < shape.Length) y[i] += bias[(int)(i % shape.Columns)];
    }

    public static void CopyColumns(Floats source, Floats target, ColumnsShape shape)
    {
        var i = Elements.Index;
        if (i >= shape.Length) return;
        long row = i / shape.Columns, column = i % shape.Columns;
        target[(row * shape.ToWidth) + shape.ToColumn + column] = source[(row * shape.FromWidth) + shape.FromColumn + column];
    }

    public static void Softmax(Floats x, Floats y, RowsShape shape)
    {
        var row = (long)Grid.IdxX * shape.Columns;
        var largest = float.NegativeInfinity;
        for (var i = Group.IdxX; i < shape.Columns; i += Group.DimX) largest = XMath.Max(largest, x[row + i]);
        largest = GroupReduce.Max(largest);
        var sum = 0f;
        for (var i = Group.IdxX; i < shape.Columns; i += Group.DimX) sum += XMath.Exp(x[row + i] - largest);
        var scale = 1f / GroupReduce.Sum(sum);
        for (var i = Group.IdxX; i < shape.Columns; i += Group.DimX) y[row + i] = XMath.Exp(x[row + i] - largest) * scale;
    }
}
