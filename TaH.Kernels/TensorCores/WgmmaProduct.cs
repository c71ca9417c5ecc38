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

    /// <summary>Bytes of dynamic shared memory that a tile needs: the ring, its barriers, what the store asks for, and room to align all.</summary>
    public static int SharedBytes<TTile, TStore>() where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore =>
        (default(TTile).Stages * (StageBytes<TTile>() + BarrierBytes)) + default(TStore).SharedBytes + 1024;

    /// <summary>Tiles of y, one after the other: while one is written, the slices of the next are on their way.</summary>
    /// <typeparam name="TTile">How wide a tile is.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    /// <typeparam name="TGroups">Whether groups work in pairs; then every row tile of the task is one of each.</typeparam>
    public static void Run<TTile, TStore, TGroups>(TensorProductTask task)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        default(TTile).Declare();
        var memory = SharedMemory.GetDynamic<float>();
        var ring = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var barriers = ring + (uint)(default(TTile).Stages * StageBytes<TTile>());
        var scratch = barriers + (uint)(default(TTile).Stages * BarrierBytes);
        if (Group.IdxX == 0)
        {
            for (var stage = 0; stage < default(TTile).Stages; stage++)
            {
                PtxInstructions.InitialiseBarrier(barriers + (uint)(stage * BarrierBytes), 1);
                PtxInstructions.InitialiseBarrier(barriers + (uint)(stage * BarrierBytes) + 8u, 2 * default(TGroups).Count);
            }
            PtxInstructions.ShowBarriers();
        }
        default(TGroups).Begin();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        if (Group.IdxX >= Multipliers)
        {
            if (Group.IdxX == Multipliers) Fetch<TTile, TStore, TGroups>(task, ring, barriers);
        }
        else
        {
            Multiply<TTile, TStore, TGroups>(task, ring, barriers, scratch);
        }
        default(TGroups).End();
    }

    /// <summary>The producing thread: fills each stage as soon as both warpgroups have left it.</summary>
    private static void Fetch<TTile, TStore, TGroups>(TensorProductTask task, uint ring, uint barriers)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        uint stage = ring, barrier = barriers;
        var parity = 1u; // a new barrier counts as having ended a phase of parity 1
        for (var tile = Grid.IdxX / default(TGroups).Count; tile < task.RowTiles * task.ColumnTiles; tile += Grid.DimX / default(TGroups).Count)
        {
            var place = Place<TGroups>(tile, task);
            var columns = task.Of(place.Column);
            var row = PtxInstructions.Keep(task.FromRow + (place.Row * TileRows));
            var half = default(TTile).Columns / 2;
            var column = PtxInstructions.Keep((place.Column - columns.FirstTile) * default(TStore).ColumnsOfY(default(TTile).Columns));
            var halves = default(TStore).Gated
                ? new WgmmaHalves(task.A.Weight, column, task.B.Weight, column)
                : new WgmmaHalves(columns.Weight, column, columns.Weight, column + half);
            for (var inner = 0; inner < task.Inner; inner += Slice)
            {
                PtxInstructions.WaitForBarrier(barrier + 8u, parity);
                PtxInstructions.ArriveExpecting(barrier, StageBytes<TTile>());
                PtxInstructions.StartTile(stage, task.X, inner, row, barrier);
                default(TGroups).StartWeight(stage + StageOfX, halves, inner, half * SliceBytes, barrier);
                stage += (uint)StageBytes<TTile>();
                barrier += BarrierBytes;
                if (barrier == barriers + (uint)(default(TTile).Stages * BarrierBytes)) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
            }
        }
    }

    /// <summary>A multiplying thread: sums up what arrives, and writes each tile.</summary>
    private static void Multiply<TTile, TStore, TGroups>(TensorProductTask task, uint ring, uint barriers, uint scratch)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        var rows = (uint)(Group.IdxX / 128) * RowsOfWarpgroup;
        uint stage = ring, barrier = barriers, previous = barriers;
        var parity = 0u;
        for (var tile = Grid.IdxX / default(TGroups).Count; tile < task.RowTiles * task.ColumnTiles; tile += Grid.DimX / default(TGroups).Count)
        {
            default(TTile).Clear();
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
                if (inner > 0 && Group.IdxX % 128 == 0) default(TGroups).Arrive(previous + 8u); // the slice before is used up
                previous = barrier;
                stage += (uint)StageBytes<TTile>();
                barrier += BarrierBytes;
                if (barrier == barriers + (uint)(default(TTile).Stages * BarrierBytes)) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
            }
            PtxInstructions.WaitForProducts();
            if (Group.IdxX % 128 == 0) default(TGroups).Arrive(previous + 8u);
            default(TStore).Store<TTile>(task, Place<TGroups>(tile, task), scratch);
        }
    }

    private static TilePlace Place<TGroups>(int tile, TensorProductTask task) where TGroups : struct, IWgmmaGroups
    {
        var place = TilePlace.Of(tile, task.RowTiles, task.ColumnTiles);
        return new TilePlace((place.Row * default(TGroups).Count) + default(TGroups).Rank, place.Column);
    }

    private static int StageBytes<TTile>() where TTile : struct, IWgmmaTile => (TileRows + default(TTile).Columns) * SliceBytes;
}
