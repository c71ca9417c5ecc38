using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a thread reads squares of two rows and two columns, four of them on their way at a time, and packs them both ways: pairs of a
/// row for the straight copy, pairs of a column for the transposed one, which pass through shared memory so that a warp writes 128 bytes of a row.
/// </summary>
internal static class Bfloat16TransposePortable
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Side = 64;

    private const int Pairs = Side / 2;
    private const int Pitch = Pairs + 1;       // so that neither pairs of a row nor those of a column share a bank
    private const int Half = Pairs * Pitch;    // even columns come first, then odd ones
    private const int Apart = Pairs / 4;

    public static void Kernel<TStored, TFormat>(ArrayView<TStored> x, Keys transposed, Halves straight, Bfloat16TransposeTask task)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var tile = SharedMemory.Allocate<uint>(2 * Half);
        var shape = task.Shape;
        int row = TransposeTiles.FirstRow(shape, Side), column = TransposeTiles.FirstColumn(shape, Side);
        for (var at = Group.IdxX; at < Pairs * Apart; at += Group.DimX)
        {
            int q = at / Pairs, c = at % Pairs;
            var a = Load<TStored, TFormat>(x, row + (2 * q), column + (2 * c), shape);
            var b = Load<TStored, TFormat>(x, row + (2 * (q + Apart)), column + (2 * c), shape);
            var e = Load<TStored, TFormat>(x, row + (2 * (q + (2 * Apart))), column + (2 * c), shape);
            var f = Load<TStored, TFormat>(x, row + (2 * (q + (3 * Apart))), column + (2 * c), shape);
            Put(tile, straight, task, a, q, c, row, column);
            Put(tile, straight, task, b, q + Apart, c, row, column);
            Put(tile, straight, task, e, q + (2 * Apart), c, row, column);
            Put(tile, straight, task, f, q + (3 * Apart), c, row, column);
        }
        Group.Barrier();
        for (var at = Group.IdxX; at < Pairs * Apart; at += Group.DimX)
        {
            int c = at / Pairs, q = at % Pairs;
            if (row + (2 * q) >= shape.RowsPadded) continue;
            Write(tile, transposed, shape, q, c, row, column);
            Write(tile, transposed, shape, q, c + Apart, row, column);
            Write(tile, transposed, shape, q, c + (2 * Apart), row, column);
            Write(tile, transposed, shape, q, c + (3 * Apart), row, column);
        }
    }

    /// <summary>Two rows and two columns as f32. What lies outside the matrix is read from its edge, so that no branch parts the loads.</summary>
    private static Quad Load<TStored, TFormat>(ArrayView<TStored> x, int row, int column, TransposeShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var (upper, lower) = ((long)XMath.Min(row, shape.Rows - 1) * shape.Columns, (long)XMath.Min(row + 1, shape.Rows - 1) * shape.Columns);
        int left = XMath.Min(column, shape.Columns - 1), right = XMath.Min(column + 1, shape.Columns - 1);
        var (a, b, c, d) = (x[upper + left], x[upper + right], x[lower + left], x[lower + right]);
        return new(default(TFormat).Widen(a), default(TFormat).Widen(b), default(TFormat).Widen(c), default(TFormat).Widen(d));
    }

    private static void Put(ArrayView<uint> tile, Halves straight, Bfloat16TransposeTask task, Quad square, int q, int c, int row, int column)
    {
        var shape = task.Shape;
        var (r, left) = (row + (2 * q), column + (2 * c));
        // Padding is zero.
        uint a = r < shape.Rows ? Narrow(square.A) : 0u, b = r < shape.Rows ? Narrow(square.B) : 0u;
        uint d = r + 1 < shape.Rows ? Narrow(square.C) : 0u, e = r + 1 < shape.Rows ? Narrow(square.D) : 0u;
        tile[(q * Pitch) + c] = a | (d << 16);
        tile[Half + (q * Pitch) + c] = b | (e << 16);
        if (task.Straight == 0 || left >= shape.Columns) return;
        if (r < shape.Rows) WriteStraight(straight, shape, r, left, a, b);
        if (r + 1 < shape.Rows) WriteStraight(straight, shape, r + 1, left, d, e);
    }

    private static void WriteStraight(Halves straight, TransposeShape shape, int row, int column, uint left, uint right)
    {
        var at = ((long)row * shape.Columns) + column;
        if (shape.Columns % 2 == 0)
        {
            straight.Cast<uint>()[at / 2] = left | (right << 16);
            return;
        }
        straight[at] = (ushort)left;
        if (column + 1 < shape.Columns) straight[at + 1] = (ushort)right;
    }

    private static void Write(ArrayView<uint> tile, Keys transposed, TransposeShape shape, int q, int c, int row, int column)
    {
        var left = column + (2 * c);
        var at = (((long)left * shape.RowsPadded) + row + (2 * q)) / 2;
        if (left < shape.Columns) transposed[at] = tile[(q * Pitch) + c];
        if (left + 1 < shape.Columns) transposed[at + (shape.RowsPadded / 2)] = tile[Half + (q * Pitch) + c];
    }

    private static uint Narrow(float value) => default(Bfloat16Format).Narrow(value);
}
