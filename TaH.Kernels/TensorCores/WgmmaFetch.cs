namespace TaH.Kernels;

/// <summary>The thread of <see cref="WgmmaProduct"/> that fetches: fills each stage of the ring as soon as both warpgroups have left it.</summary>
internal static class WgmmaFetch
{
    /// <summary>
    /// Fetches tile after tile. Weights are there before the launch, so those of the first stages are fetched while the kernel in front still makes
    /// x.
    /// </summary>
    /// <param name="task">The launch.</param>
    /// <param name="ring">The first stage.</param>
    /// <param name="barriers">Its barriers, and those of the others behind.</param>
    /// <param name="endOfBarriers">Behind the last ones.</param>
    public static void Run<TTile, TStore, TGroups>(TensorProductTask task, uint ring, uint barriers, uint endOfBarriers)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups
    {
        uint stage = ring, barrier = barriers, parity = 1u; // a new barrier counts as having ended a phase of parity 1
        var waits = 1; // whether x is not known to be there
        int from = WgmmaParts.From<TGroups>(task.Inner), to = WgmmaParts.To<TGroups>(task.Inner);
        for (var tile = WgmmaRing.FirstTile<TGroups>(); tile < task.RowTiles * task.ColumnTiles; tile += WgmmaRing.TilesTogether<TGroups>())
        {
            var place = WgmmaPlace.Of<TTile, TStore>(tile, task);
            var row = PtxInstructions.Keep(task.FromRow + place.Row);
            // Halves of a tile: neighbouring rows of one weight, or the same rows of two.
            var firstWeight = default(TStore).Gated ? task.A.Weight : place.Columns.Weight;
            var secondWeight = default(TStore).Gated ? task.B.Weight : place.Columns.Weight;
            var secondRow = default(TStore).Gated ? place.Column : place.Column + (default(TTile).Columns / 2);
            for (var inner = from; inner < to; inner += WgmmaRing.StageElements<TTile>())
            {
                PtxInstructions.WaitForBarrier(barrier + WgmmaRing.EmptyBarrier, parity);
                PtxInstructions.ArriveExpecting(barrier, WgmmaRing.StageBytes<TTile>());
                Start<TTile>(stage + WgmmaRing.SliceOfX, firstWeight, inner, place.Column, barrier);
                Start<TTile>(stage + WgmmaRing.SliceOfX + WgmmaRing.HalfWeight<TTile>(), secondWeight, inner, secondRow, barrier);
                if (waits == 0)
                {
                    Start<TTile>(stage, task.X, inner, row, barrier);
                }
                else if (barrier + WgmmaRing.BarrierBytes == endOfBarriers || inner + WgmmaRing.StageElements<TTile>() >= to)
                {
                    PtxInstructions.WaitForPrevious();
                    waits = 0;
                    StartFirst<TTile>(ring, stage, task.X, from, row, barriers);
                }
                stage += (uint)WgmmaRing.StageBytes<TTile>();
                barrier += WgmmaRing.BarrierBytes;
                if (barrier == endOfBarriers) (stage, barrier, parity) = (ring, barriers, parity ^ 1u);
            }
        }
    }

    /// <summary>Starts the copies of x of the first stages, up to one.</summary>
    private static void StartFirst<TTile>(uint first, uint last, ulong map, int inner, int row, uint barrier) where TTile : struct, IWgmmaTile
    {
        for (var stage = first; stage <= last; stage += (uint)WgmmaRing.StageBytes<TTile>())
        {
            Start<TTile>(stage, map, inner, row, barrier);
            inner += WgmmaRing.StageElements<TTile>();
            barrier += WgmmaRing.BarrierBytes;
        }
    }

    /// <summary>Starts the copies of a box of rows, for each slice of a stage.</summary>
    private static void Start<TTile>(uint target, ulong map, int inner, int row, uint barrier) where TTile : struct, IWgmmaTile
    {
        PtxInstructions.StartTile(target, map, inner, row, barrier);
        if (default(TTile).Slices == 2)
            PtxInstructions.StartTile(target + (uint)WgmmaRing.SliceOfStage<TTile>(), map, inner + WgmmaProduct.Slice, row, barrier);
    }
}
