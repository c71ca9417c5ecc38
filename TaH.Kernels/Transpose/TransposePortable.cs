using ILGPU;

namespace TaH.Kernels;

/// <summary>Every accelerator: a group takes a tile through shared memory, so that reads and writes are both side by side.</summary>
internal static class TransposePortable
{
    private const int Stride = Transpose.Tile + 1; // odd, so that a column of the tile spreads over the memory banks

    public static void Kernel<T>(ArrayView<T> x, ArrayView<T> y, TransposeShape shape) where T : unmanaged
    {
        var tile = SharedMemory.Allocate<T>(Transpose.Tile * Stride);
        var across = (shape.Columns + Transpose.Tile - 1) / Transpose.Tile;
        int firstRow = Grid.IdxX / across * Transpose.Tile, firstColumn = Grid.IdxX % across * Transpose.Tile;
        for (var i = Group.IdxX; i < Transpose.Tile * Transpose.Tile; i += Group.DimX)
        {
            int down = i / Transpose.Tile, right = i % Transpose.Tile;
            int row = firstRow + down, column = firstColumn + right;
            if (row < shape.Rows && column < shape.Columns) tile[(down * Stride) + right] = x[((long)row * shape.Columns) + column];
        }
        Group.Barrier();
        for (var i = Group.IdxX; i < Transpose.Tile * Transpose.Tile; i += Group.DimX)
        {
            int down = i / Transpose.Tile, right = i % Transpose.Tile;
            int row = firstRow + right, column = firstColumn + down;
            if (row < shape.Rows && column < shape.Columns) y[((long)column * shape.Rows) + row] = tile[(right * Stride) + down];
        }
    }
}
