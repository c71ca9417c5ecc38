using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a piece of a row.</summary>
internal static class LogitsSumPortable
{
    public static void Kernel(Floats raw, Ints headRows, Ints depths, Ints slots, Floats accumulated, LogitsSumShape shape)
    {
        var head = Grid.IdxX / shape.Pieces;
        var start = Grid.IdxX % shape.Pieces * LogitsSumShape.Piece;
        var end = XMath.Min(start + LogitsSumShape.Piece, shape.Vocab);
        var row = headRows[head];
        var source = (long)head * shape.Vocab;       // raw[head, 0]
        var target = (long)slots[row] * shape.Vocab; // accumulated[slot, 0]
        // A fresh slot may hold anything, so depth 0 does not read it.
        for (var i = start + Group.IdxX; i < end; i += Group.DimX)
            accumulated[target + i] = depths[row] == 0 ? raw[source + i] : accumulated[target + i] + raw[source + i];
    }
}
