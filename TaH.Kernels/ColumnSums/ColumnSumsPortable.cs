using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a thread adds up so many rows of a column. Few enough that many groups share the work, so many that each further launch has
/// next to nothing to do.
/// </summary>
internal static class ColumnSumsPortable
{
    /// <summary>Rows that one thread adds up.</summary>
    public const int RowsOfThread = 32;

    /// <summary>Rows that a launch over <paramref name="rows"/> leaves.</summary>
    public static int RowsLeft(int rows) => (rows + RowsOfThread - 1) / RowsOfThread;

    public static void Kernel(Floats x, Floats sums, ColumnSumsShape shape, int add)
    {
        var blocks = (shape.Columns + Group.DimX - 1) / Group.DimX;
        var chunk = Grid.IdxX / blocks;
        var column = (Grid.IdxX % blocks * Group.DimX) + Group.IdxX;
        if (column >= shape.Columns) return;
        var row = chunk * RowsOfThread;
        var end = XMath.Min(shape.Rows, row + RowsOfThread);
        long stride = shape.Columns, at = (row * stride) + column; // x[row, column]
        float a = 0f, b = 0f, c = 0f, d = 0f;
        for (; row <= end - 4; row += 4, at += 4 * stride)
        {
            a += x[at];
            b += x[at + stride];
            c += x[at + (2 * stride)];
            d += x[at + (3 * stride)];
        }
        for (; row < end; row++, at += stride) a += x[at];
        var target = (chunk * stride) + column;
        var before = add != 0 ? sums[target] : 0f;
        sums[target] = before + ((a + b) + (c + d));
    }
}
