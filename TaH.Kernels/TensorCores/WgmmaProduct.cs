using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Hopper: y = x w^T by products of warpgroups from shared memory. One warp keeps a ring of slices on their way (the tensor memory accelerator copies
/// them, and makes what lies outside zero); two warpgroups multiply what has arrived, 64 rows each.
/// </summary>
internal static class WgmmaProduct
{
    /// <summary>Rows of y that a group makes.</summary>
    public const int TileRows = 128;

    /// <summary>Elements of every sum that a slice holds: 128 bytes, the width of the swizzle.</summary>
    public const int Slice = 64;

    /// <summary>Threads that multiply.</summary>
    public const int Multipliers = 256;

    /// <summary>Those, and the warp that fetches.</summary>
    public const int GroupSize = Multipliers + 32;

    private const int SliceBytes = 128;
    private const uint StageOfX = TileRows * SliceBytes;
    private const uint RowsOfWarpgroup = 64 * SliceBytes;
    private const int BarrierBytes = 16; // of a stage: "full", then "empty"

    // Rows of 128 bytes, swizzled by 128 bytes, eight rows to the next group of rows: what the instruction knows as layout 1, strides 16 and 1024 bytes.
    private const ulong Layout = 0x4000004000010000UL;
    private const ulong NextProduct = 2; // 16 elements, in units of 16 bytes

    /// <summary>Bytes of dynamic shared memory that a tile needs: the ring, its barriers and room to align it.</summary>
    public static int SharedBytes<TTile>() where TTile : struct, IWgmmaTile =>
        (default(TTile).Stages * StageBytes<TTile>()) + (default(TTile).Stages * BarrierBytes) + 1024;

    /// <summary>One tile of y a group.</summary>
    /// <typeparam name="TTile">How wide the tile is.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TTile, TStore>(TensorProductTask task) where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        default(TTile).Declare();
        var memory = SharedMemory.GetDynamic<float>();
        var ring = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var barriers = ring + (uint)(default(TTile).Stages * StageBytes<TTile>());
        var place = TilePlace.Of(Grid.IdxX, task.RowTiles, task.ColumnTiles);
        if (Group.IdxX == 0)
        {
            for (var stage = 0; stage < default(TTile).Stages; stage++)
            {
                PtxInstructions.InitialiseBarrier(barriers + (uint)(stage * BarrierBytes), 1);
                PtxInstructions.InitialiseBarrier(barriers + (uint)(stage * BarrierBytes) + 8u, 2);
            }
            PtxInstructions.PublishBarriers();
        }
        Group.Barrier();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        if (Group.IdxX >= Multipliers)
        {
            if (Group.IdxX == Multipliers) Fetch<TTile, TStore>(task, place, ring, barriers);
            return;
        }
        Multiply<TTile>(task, ring, barriers);
        default(TStore).Store<TTile>(task, place, ring);
    }

    /// <summary>The producing thread: fills each stage as soon as both warpgroups have left it.</summary>
    private static void Fetch<TTile, TStore>(TensorProductTask task, TilePlace place, uint ring, uint barriers)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        var columns = task.Of(place.Column);
        int row = task.FromRow + (place.Row * TileRows), column = (place.Column - columns.FirstTile) * default(TStore).ColumnsOfY(default(TTile).Columns);
        uint parity = 1, stage = ring, barrier = barriers;
        for (var inner = 0; inner < task.Inner; inner += Slice)
        {
            PtxInstructions.WaitForBarrier(barrier + 8u, parity);
            PtxInstructions.ArriveExpecting(barrier, StageBytes<TTile>());
            PtxInstructions.StartTile(stage, task.X, inner, row, barrier);
            PtxInstructions.StartTile(stage + StageOfX, columns.Weight, inner, column, barrier);
            if (default(TStore).Gated)
                PtxInstructions.StartTile(stage + StageOfX + (uint)(default(TTile).Columns / 2 * SliceBytes), task.B.Weight, inner, column, barrier);
            stage += (uint)StageBytes<TTile>();
            barrier += BarrierBytes;
            if (barrier == barriers + (uint)(default(TTile).Stages * BarrierBytes)) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
        }
    }

    /// <summary>A multiplying thread: the sums over all slices are complete when it returns, and nobody reads the ring any more.</summary>
    private static void Multiply<TTile>(TensorProductTask task, uint ring, uint barriers) where TTile : struct, IWgmmaTile
    {
        var rows = (uint)(Group.IdxX / 128) * RowsOfWarpgroup;
        uint parity = 0, stage = ring, barrier = barriers, previous = barriers;
        for (var inner = 0; inner < task.Inner; inner += Slice)
        {
            PtxInstructions.WaitForBarrier(barrier, parity);
            var a = ((stage + rows) >> 4) | Layout;
            var b = ((stage + StageOfX) >> 4) | Layout;
            PtxInstructions.FenceProducts();
            default(TTile).StartProduct(a, b);
            default(TTile).StartProduct(a + NextProduct, b + NextProduct);
            default(TTile).StartProduct(a + (2 * NextProduct), b + (2 * NextProduct));
            default(TTile).StartProduct(a + (3 * NextProduct), b + (3 * NextProduct));
            PtxInstructions.CloseProducts();
            PtxInstructions.WaitForProductsButOne();
            if (inner > 0 && Group.IdxX % 128 == 0) PtxInstructions.Arrive(previous + 8u); // the slice before is used up
            previous = barrier;
            stage += (uint)StageBytes<TTile>();
            barrier += BarrierBytes;
            if (barrier == barriers + (uint)(default(TTile).Stages * BarrierBytes)) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
        }
        PtxInstructions.WaitForProducts();
        PtxInstructions.WaitForFirst(Multipliers);
    }

    private static int StageBytes<TTile>() where TTile : struct, IWgmmaTile => (TileRows + default(TTile).Columns) * SliceBytes;
}
