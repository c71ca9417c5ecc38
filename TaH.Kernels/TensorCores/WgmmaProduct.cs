using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Hopper: y = x w^T by products of warpgroups from shared memory. One thread keeps a ring of slices on their way (the tensor memory accelerator
/// copies them, and makes what lies outside zero); two warpgroups multiply what has arrived, 64 rows each.
/// </summary>
internal static class WgmmaProduct
{
    /// <summary>Rows of y that a group makes.</summary>
    public const int TileRows = 128;

    /// <summary>Elements of every sum that a slice holds: 128 bytes, the width of the swizzle.</summary>
    public const int Slice = 64;

    /// <summary>Bytes of a row of a slice.</summary>
    public const int SliceBytes = Slice * sizeof(ushort);

    /// <summary>Threads that multiply.</summary>
    public const int Multipliers = 256;

    /// <summary>Those, and the warp that fetches.</summary>
    public const int GroupSize = Multipliers + 32;

    /// <summary>Threads of a warpgroup.</summary>
    public const int Warpgroup = 128;

    /// <summary>Bytes of a slice's 64 rows.</summary>
    public const uint RowsOfWarpgroup = 64 * SliceBytes;

    /// <summary>Bytes that 1 stands for in descriptors.</summary>
    public const uint DescriptorUnit = 16;

    /// <summary>
    /// Bytes of dynamic shared memory that a tile needs: the ring, its barriers, what the store and the groups ask for, and room to align all.
    /// </summary>
    public static int SharedBytes<TTile, TStore, TGroups>()
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups =>
        (WgmmaRing.Stages<TTile, TGroups>() * (WgmmaRing.StageBytes<TTile>() + WgmmaRing.BarrierBytes))
        + default(TStore).SharedBytes + default(TGroups).SharedBytes + 1024;

    /// <summary>Tiles of y, one after the other: while one is written, the slices of the next are on their way.</summary>
    /// <typeparam name="TTile">How wide a tile is.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    /// <typeparam name="TGroups">How groups work together.</typeparam>
    public static void Run<TTile, TStore, TGroups>(TensorProductTask task)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        default(TTile).Declare();
        var memory = SharedMemory.GetDynamic<float>();
        var ring = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var barriers = ring + (uint)(WgmmaRing.Stages<TTile, TGroups>() * WgmmaRing.StageBytes<TTile>());
        var scratch = barriers + (uint)(WgmmaRing.Stages<TTile, TGroups>() * WgmmaRing.BarrierBytes);
        if (Group.IdxX == 0)
        {
            for (var barrier = barriers; barrier < scratch; barrier += WgmmaRing.BarrierBytes)
            {
                PtxInstructions.InitialiseBarrier(barrier, 1);
                PtxInstructions.InitialiseBarrier(barrier + WgmmaRing.EmptyBarrier, Multipliers / Warpgroup);
            }
            PtxInstructions.ShowBarriers();
        }
        var own = scratch + (uint)default(TStore).SharedBytes;
        default(TGroups).Begin(own);
        PtxInstructions.LetNextStart();
        if (Group.IdxX >= Multipliers)
        {
            if (Group.IdxX == Multipliers) WgmmaFetch.Run<TTile, TStore, TGroups>(task, ring, barriers, scratch);
        }
        else
        {
            Multiply<TTile, TStore, TGroups>(task, ring, barriers, scratch, own);
        }
    }

    /// <summary>A multiplying thread: sums up what arrives, and writes each tile.</summary>
    private static void Multiply<TTile, TStore, TGroups>(TensorProductTask task, uint ring, uint barriers, uint scratch, uint own)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        var thread = PtxInstructions.Keep(Group.IdxX % Warpgroup);
        var rows = (uint)PtxInstructions.Keep(Group.IdxX / Warpgroup) * RowsOfWarpgroup;
        // Places in shared memory are parts of descriptors here.
        uint firstA = ((ring + rows) / DescriptorUnit) | PtxInstructions.SliceLayout;
        uint firstB = ((ring + WgmmaRing.SliceOfX) / DescriptorUnit) | PtxInstructions.SliceLayout;
        var stageStep = (uint)WgmmaRing.StageBytes<TTile>() / DescriptorUnit;
        var sliceStep = (uint)WgmmaRing.SliceOfStage<TTile>() / DescriptorUnit;
        uint a = firstA, b = firstB, barrier = barriers, previous = barriers, parity = 0u;
        var steps = PtxInstructions.Keep(WgmmaRing.Steps<TTile, TGroups>(task.Inner));
        for (var tile = WgmmaRing.FirstTile<TGroups>(); tile < task.RowTiles * task.ColumnTiles; tile += WgmmaRing.TilesTogether<TGroups>())
        {
            var place = WgmmaPlace.Of<TTile, TStore>(tile, task);
            default(TTile).Clear();
            for (var step = 0; step < steps; step++)
            {
                PtxInstructions.WaitForBarrier(barrier, parity);
                PtxInstructions.FenceProducts();
                default(TTile).StartSlice(a, b);
                if (default(TTile).Slices == 2) default(TTile).StartSlice(a + sliceStep, b + sliceStep);
                PtxInstructions.CloseProducts();
                PtxInstructions.WaitForProductsButOne();
                if (step > 0 && thread == 0) PtxInstructions.Arrive(previous + WgmmaRing.EmptyBarrier); // the stage before is used up
                previous = barrier;
                (a, b, barrier) = (a + stageStep, b + stageStep, barrier + WgmmaRing.BarrierBytes);
                if (barrier == scratch) (a, b, barrier, parity) = (firstA, firstB, barriers, parity ^ 1u);
            }
            PtxInstructions.WaitForProducts();
            if (thread == 0) PtxInstructions.Arrive(previous + WgmmaRing.EmptyBarrier);
            PtxInstructions.WaitForPrevious(); // which may still read what y replaces
            default(TGroups).Store<TTile, TStore>(task, place, scratch, own);
        }
    }
}
