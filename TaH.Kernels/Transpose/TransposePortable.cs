using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a group reads a tile along rows and writes it along columns, so that both sides are in whole lines. A row of the tile in shared
/// memory is one element longer than the tile, so that a column of it lies in different banks. Four elements a thread are on their way at a time.
/// </summary>
internal static class TransposePortable
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Side = 32;

    private const int Pitch = Side + 1;
    private const int Quarter = Side / 4;

    public static void Kernel(Floats x, Floats y, TransposeShape shape)
    {
        var tile = SharedMemory.Allocate<float>(Side * Pitch);
        int row = TransposeTiles.FirstRow(shape, Side), column = TransposeTiles.FirstColumn(shape, Side);
        for (var at = Group.IdxX; at < Side * Quarter; at += Group.DimX)
        {
            int r = at / Side, c = at % Side;
            var (a, b) = (Load(x, row + r, column + c, shape), Load(x, row + r + Quarter, column + c, shape));
            var (e, f) = (Load(x, row + r + (2 * Quarter), column + c, shape), Load(x, row + r + (3 * Quarter), column + c, shape));
            tile[(r * Pitch) + c] = a;
            tile[((r + Quarter) * Pitch) + c] = b;
            tile[((r + (2 * Quarter)) * Pitch) + c] = e;
            tile[((r + (3 * Quarter)) * Pitch) + c] = f;
        }
        Group.Barrier();
        for (var at = Group.IdxX; at < Side * Quarter; at += Group.DimX)
        {
            int c = at / Side, r = at % Side;
            if (row + r >= shape.Rows) continue;
            Store(y, row + r, column + c, tile[(r * Pitch) + c], shape);
            Store(y, row + r, column + c + Quarter, tile[(r * Pitch) + c + Quarter], shape);
            Store(y, row + r, column + c + (2 * Quarter), tile[(r * Pitch) + c + (2 * Quarter)], shape);
            Store(y, row + r, column + c + (3 * Quarter), tile[(r * Pitch) + c + (3 * Quarter)], shape);
        }
    }

    // What lies outside the matrix is read from its edge: a branch here would keep loads from being on their way together.
    private static float Load(Floats x, int row, int column, TransposeShape shape) =>
        x[((long)XMath.Min(row, shape.Rows - 1) * shape.Columns) + XMath.Min(column, shape.Columns - 1)];

    private static void Store(Floats y, int row, int column, float value, TransposeShape shape)
    {
        if (column < shape.Columns) y[((long)column * shape.Rows) + row] = value;
    }
}
