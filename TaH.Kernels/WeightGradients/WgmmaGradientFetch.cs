namespace TaH.Kernels;

/// <summary>The thread of <see cref="WgmmaGradient"/> that fetches: fills each stage of the ring as soon as both warpgroups have left it.</summary>
internal static class WgmmaGradientFetch
{
    private const int BlockColumns = 64;
    private const uint BlockBytes = BlockColumns * WgmmaProduct.SliceBytes;
    private const int Outside = 1 << 30; // a row that no matrix has: zeros come from there

    /// <summary>Fetches tile after tile.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="ring">The first stage.</param>
    /// <param name="barriers">Its barriers, and those of the others behind.</param>
    /// <param name="endOfBarriers">Behind the last ones.</param>
    public static void Run<TTile>(WeightGradientTask task, uint ring, uint barriers, uint endOfBarriers) where TTile : struct, IWgmmaTile
    {
        uint stage = ring, barrier = barriers, parity = 1u; // a new barrier counts as having ended a phase of parity 1
        PtxInstructions.WaitForPrevious(); // which may make both operands
        for (var tile = ILGPU.Grid.IdxX; tile < task.Tiles; tile += ILGPU.Grid.DimX)
        {
            var place = GradientPlace.Of(tile, task, WgmmaProduct.TileRows, default(TTile).Columns);
            int slice = task.FirstSlice(place.Part), end = task.FirstSlice(place.Part + 1);
            for (; slice < end; slice += default(TTile).Slices)
            {
                PtxInstructions.WaitForBarrier(barrier + WgmmaRing.EmptyBarrier, parity);
                PtxInstructions.ArriveExpecting(barrier, WgmmaRing.StageBytes<TTile>());
                Start<TTile>(task, place, stage, slice * WgmmaProduct.Slice, barrier);
                if (default(TTile).Slices == 2)
                {
                    var row = slice + 1 < end ? (slice + 1) * WgmmaProduct.Slice : Outside;
                    Start<TTile>(task, place, stage + (uint)WgmmaRing.SliceOfStage<TTile>(), row, barrier);
                }
                stage += (uint)WgmmaRing.StageBytes<TTile>();
                barrier += WgmmaRing.BarrierBytes;
                if (barrier == endOfBarriers) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
            }
        }
    }

    /// <summary>Starts the copies of a slice, block after block.</summary>
    private static void Start<TTile>(WeightGradientTask task, GradientPlace place, uint target, int row, uint barrier) where TTile : struct, IWgmmaTile
    {
        PtxInstructions.StartTile(target, place.Weight.Dy, place.Row, place.Weight.FromRow + row, barrier);
        PtxInstructions.StartTile(target + BlockBytes, place.Weight.Dy, place.Row + BlockColumns, place.Weight.FromRow + row, barrier);
        target += WgmmaRing.SliceOfX;
        for (var column = 0; column < default(TTile).Columns; column += BlockColumns)
        {
            PtxInstructions.StartTile(target, task.X, place.Column + column, task.FromRow + row, barrier);
            target += BlockBytes;
        }
    }
}
