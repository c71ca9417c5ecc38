using ILGPU;

namespace TaH.Kernels;

/// <summary>The part of y that one group makes: its threads lie as a grid, each with 4 x 4 sums.</summary>
/// <param name="Across">Threads along the outputs.</param>
/// <param name="Down">Threads along the rows.</param>
internal readonly record struct MatMulTile(int Across, int Down)
{
    /// <summary>Sums of a thread along each side.</summary>
    public const int PerThread = 4;

    /// <summary>The most rows or outputs of a tile: 16 threads a side, at the largest group of 256.</summary>
    public const int Most = 16 * PerThread;

    /// <summary>Rows of y.</summary>
    public int Rows => Down * PerThread;

    /// <summary>Columns of y.</summary>
    public int Outer => Across * PerThread;

    /// <summary>The tile of a group of any power of two.</summary>
    public static MatMulTile Of(int groupSize)
    {
        var across = groupSize < 16 ? groupSize : 16;
        return new MatMulTile(across, groupSize / across);
    }
}

/// <summary>Slices of x and of the weight go through shared memory; every element fetched there serves four sums of each of many threads.</summary>
internal static class MatMulTiled
{
    private const int Slice = 16; // elements of a sum between two barriers
    private const int Stride = MatMulTile.Most + 1; // odd, so that a column of a slice spreads over the memory banks

    public static void Kernel<TStored, TFormat>(Floats x, ArrayView<TStored> weight, Floats bias, Floats y, MatMulTask task)
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored>
    {
        var xs = SharedMemory.Allocate<float>(Slice * Stride); // [slice, rows of the tile]
        var ws = SharedMemory.Allocate<float>(Slice * Stride); // [slice, outputs of the tile]
        var tile = MatMulTile.Of(Group.DimX);
        int firstRow = Grid.IdxY * tile.Rows, firstOutput = Grid.IdxX * tile.Outer;
        int across = Group.IdxX % tile.Across, down = Group.IdxX / tile.Across;
        float s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
        float s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
        for (var start = 0; start < task.Inner; start += Slice)
        {
            for (var i = Group.IdxX; i < tile.Rows * Slice; i += Group.DimX)
            {
                int row = firstRow + (i / Slice), inner = start + (i % Slice);
                xs[((i % Slice) * Stride) + (i / Slice)] = row < task.Rows && inner < task.Inner ? x[((long)row * task.Inner) + inner] : 0f;
            }
            for (var i = Group.IdxX; i < tile.Outer * Slice; i += Group.DimX)
            {
                int output = firstOutput + (i / Slice), inner = start + (i % Slice);
                ws[((i % Slice) * Stride) + (i / Slice)] =
                    output < task.Outer && inner < task.Inner ? default(TFormat).Widen(weight[((long)output * task.Inner) + inner]) : 0f;
            }
            Group.Barrier();
            for (var k = 0; k < Slice; k++)
            {
                int xk = (k * Stride) + (down * MatMulTile.PerThread), wk = (k * Stride) + across;
                float x0 = xs[xk], x1 = xs[xk + 1], x2 = xs[xk + 2], x3 = xs[xk + 3];
                float w0 = ws[wk], w1 = ws[wk + tile.Across], w2 = ws[wk + (2 * tile.Across)], w3 = ws[wk + (3 * tile.Across)];
                s00 += x0 * w0; s01 += x0 * w1; s02 += x0 * w2; s03 += x0 * w3;
                s10 += x1 * w0; s11 += x1 * w1; s12 += x1 * w2; s13 += x1 * w3;
                s20 += x2 * w0; s21 += x2 * w1; s22 += x2 * w2; s23 += x2 * w3;
                s30 += x3 * w0; s31 += x3 * w1; s32 += x3 * w2; s33 += x3 * w3;
            }
            Group.Barrier(); // the next slice overwrites what the slowest thread may still read
        }
        int firstOfThread = firstRow + (down * MatMulTile.PerThread), column = firstOutput + across;
        StoreRow(task, y, bias, firstOfThread, column, tile.Across, s00, s01, s02, s03);
        StoreRow(task, y, bias, firstOfThread + 1, column, tile.Across, s10, s11, s12, s13);
        StoreRow(task, y, bias, firstOfThread + 2, column, tile.Across, s20, s21, s22, s23);
        StoreRow(task, y, bias, firstOfThread + 3, column, tile.Across, s30, s31, s32, s33);
    }

    private static void StoreRow(MatMulTask task, Floats y, Floats bias, int row, int output, int step, float s0, float s1, float s2, float s3)
    {
        task.Store(y, bias, row, output, s0);
        task.Store(y, bias, row, output + step, s1);
        task.Store(y, bias, row, output + (2 * step), s2);
        task.Store(y, bias, row, output + (3 * step), s3);
    }
}
