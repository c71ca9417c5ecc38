using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Hopper: dy^T x by products of warpgroups, as <see cref="WgmmaProduct"/> makes x w^T: the ring, the tiles and the stores are its own. Here rows of
/// a slice are rows of the sum, so both operands lie the other way round: blocks of 64 columns, one behind the other, dy's two first.
/// </summary>
internal static class WgmmaGradient
{
    /// <summary>Bytes of dynamic shared memory that a tile needs.</summary>
    public static int SharedBytes<TTile, TStore>() where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore =>
        WgmmaProduct.SharedBytes<TTile, TStore, WgmmaAlone>();

    /// <summary>Tiles of the gradients, one after the other: while one is written, the slices of the next are on their way.</summary>
    /// <typeparam name="TTile">How wide a tile is.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TTile, TStore>(WeightGradientTask task) where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        default(TTile).Declare();
        var memory = SharedMemory.GetDynamic<float>();
        var ring = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var barriers = ring + (uint)(default(TTile).Stages * WgmmaRing.StageBytes<TTile>());
        var scratch = barriers + (uint)(default(TTile).Stages * WgmmaRing.BarrierBytes);
        if (Group.IdxX == 0)
        {
            for (var barrier = barriers; barrier < scratch; barrier += WgmmaRing.BarrierBytes)
            {
                PtxInstructions.InitialiseBarrier(barrier, 1);
                PtxInstructions.InitialiseBarrier(barrier + WgmmaRing.EmptyBarrier, WgmmaProduct.Multipliers / WgmmaProduct.Warpgroup);
            }
            PtxInstructions.ShowBarriers();
        }
        Group.Barrier();
        PtxInstructions.LetNextStart();
        if (Group.IdxX >= WgmmaProduct.Multipliers)
        {
            if (Group.IdxX == WgmmaProduct.Multipliers) WgmmaGradientFetch.Run<TTile>(task, ring, barriers, scratch);
        }
        else
        {
            Multiply<TTile, TStore>(task, ring, barriers, scratch);
        }
    }

    /// <summary>Stages that a part takes.</summary>
    private static int Steps<TTile>(WeightGradientTask task, int part) where TTile : struct, IWgmmaTile =>
        (task.FirstSlice(part + 1) - task.FirstSlice(part) + default(TTile).Slices - 1) / default(TTile).Slices;

    /// <summary>A multiplying thread: sums up what arrives, and writes each tile.</summary>
    private static void Multiply<TTile, TStore>(WeightGradientTask task, uint ring, uint barriers, uint scratch)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        var thread = PtxInstructions.Keep(Group.IdxX % WgmmaProduct.Warpgroup);
        var block = (uint)PtxInstructions.Keep(Group.IdxX / WgmmaProduct.Warpgroup) * WgmmaProduct.RowsOfWarpgroup;
        // Places in shared memory are parts of descriptors here.
        uint firstA = ((ring + block) / WgmmaProduct.DescriptorUnit) | PtxInstructions.ColumnsLayout;
        uint firstB = ((ring + WgmmaRing.SliceOfX) / WgmmaProduct.DescriptorUnit) | PtxInstructions.ColumnsLayout;
        var stageStep = (uint)WgmmaRing.StageBytes<TTile>() / WgmmaProduct.DescriptorUnit;
        var sliceStep = (uint)WgmmaRing.SliceOfStage<TTile>() / WgmmaProduct.DescriptorUnit;
        uint a = firstA, b = firstB, barrier = barriers, previous = barriers, parity = 0u;
        for (var tile = Grid.IdxX; tile < task.Tiles; tile += Grid.DimX)
        {
            var place = GradientPlace.Of(tile, task, WgmmaProduct.TileRows, default(TTile).Columns);
            var steps = PtxInstructions.Keep(Steps<TTile>(task, place.Part));
            default(TTile).Clear();
            for (var step = 0; step < steps; step++)
            {
                PtxInstructions.WaitForBarrier(barrier, parity);
                PtxInstructions.FenceProducts();
                default(TTile).StartColumns(a, b);
                if (default(TTile).Slices == 2) default(TTile).StartColumns(a + sliceStep, b + sliceStep);
                PtxInstructions.CloseProducts();
                PtxInstructions.WaitForProductsButOne();
                if (step > 0 && thread == 0) PtxInstructions.Arrive(previous + WgmmaRing.EmptyBarrier); // the stage before is used up
                previous = barrier;
                (a, b, barrier) = (a + stageStep, b + stageStep, barrier + WgmmaRing.BarrierBytes);
                if (barrier == scratch) (a, b, barrier, parity) = (firstA, firstB, barriers, parity ^ 1u);
            }
            PtxInstructions.WaitForProducts();
            if (thread == 0) PtxInstructions.Arrive(previous + WgmmaRing.EmptyBarrier);
            PtxInstructions.WaitForPrevious(); // which may still read or write what is stored to
            default(TStore).Store<TTile>(place.Task(task), new WgmmaPlace(place.Columns(task), place.Row, place.Column), scratch);
        }
    }
}
