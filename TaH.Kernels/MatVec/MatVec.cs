using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Few rows of x times weights, at the rate that memory delivers the weights. A warp takes a pair of weight rows and has eight octets of them on the
/// way to every thread before it needs the first; x waits in shared memory, where the norm that precedes a product is put on it in passing.
/// </summary>
internal static class MatVec
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Threads of a warp.</summary>
    public const int WarpSize = 32;

    /// <summary>Warps of a group.</summary>
    public const int Warps = GroupSize / WarpSize;

    /// <summary>The most rows of x.</summary>
    public const int MaxRows = 8;

    /// <summary>Octets of one weight row that a warp has on the way at a time: four a thread.</summary>
    public const int BatchOctets = 4 * WarpSize;

    /// <summary>
    /// The most warps that share a pair: as many as walk through a batch abreast. More would take turns that depend on where panels end.
    /// </summary>
    public const int MaxSlices = BatchOctets / WarpSize;

    /// <summary>Floats of shared memory beside the panel: parts of the squares of every row, the sums of every warp, a barrier.</summary>
    public const int ScratchLength = BarrierAt + 4;

    /// <summary>Where in them the barrier is.</summary>
    public const int BarrierAt = SquaresLength + (Warps * SumsOfWarp);

    private const int SquaresLength = MaxRows * Warps;
    private const int SumsOfWarp = 2 * MaxRows;

    /// <summary>One launch.</summary>
    /// <typeparam name="TOctet">Eight stored elements.</typeparam>
    /// <typeparam name="TFormat">How they are stored.</typeparam>
    /// <typeparam name="TSums">How many rows of x.</typeparam>
    /// <typeparam name="TPairs">Which weight rows go together, and what becomes of their sums.</typeparam>
    /// <typeparam name="TArrival">How x comes.</typeparam>
    public static void Run<TOctet, TFormat, TSums, TPairs, TArrival>(
        Floats x, Floats gain, TPairs pairs, MatVecTask task)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TPairs : struct, IWeightPairs where TArrival : unmanaged, IPanelArrival<TArrival>
    {
        PtxInstructions.LetNextStart();
        var panel = SharedMemory.Allocate<float>(MatVecPanel.Capacity);
        var scratch = SharedMemory.Allocate<float>(ScratchLength);
        int warp = Group.IdxX / WarpSize, lane = Group.IdxX % WarpSize;
        var slice = warp % task.Slices;
        var rowBytes = (ulong)task.Inner * (ulong)default(TFormat).ElementBytes;
        var arrival = default(TArrival).Begin(gain, scratch, task);
        var staged = -1;
        // The bounds of both loops are the same for a whole group, which meets at the barriers inside.
        for (var start = Grid.IdxX * task.PairsPerGroup; start < task.Pairs; start += Grid.DimX * task.PairsPerGroup)
        {
            var pair = start + (warp / task.Slices);
            var known = IntrinsicMath.Min(pair, task.Pairs - 1); // warps past the last pair repeat it, and store nothing
            ulong first = pairs.First(known, rowBytes), second = pairs.Second(known, rowBytes);
            var sums = default(TSums);
            for (var from = 0; from < task.Octets; from += task.PanelOctets)
            {
                var walk = new MatVecWalk<TOctet, TFormat>(first, second, from, (slice * WarpSize) + lane, task);
                var batch = walk.Load(walk.Slot); // on its way while x is staged
                if (staged != from)
                {
                    if (staged < 0) PtxInstructions.WaitForPrevious(); // weights are nobody's work, x is
                    default(TArrival).Bring(arrival, x, gain, panel, scratch, from, default(TSums).Rows, task);
                    staged = from;
                }
                sums = walk.AddProducts(sums, batch, panel, task);
            }
            Finish(sums, scratch, pairs, pair, warp, lane, task);
        }
    }

    /// <summary>Brings the sums of a pair together and puts them where they belong.</summary>
    public static void Finish<TSums, TPairs>(TSums sums, Floats scratch, TPairs pairs, int pair, int warp, int lane, MatVecTask task)
        where TSums : unmanaged, IRowSums<TSums> where TPairs : struct, IWeightPairs
    {
        sums = default(TSums).OverWarp(sums);
        if (lane == 0) default(TSums).Write(sums, scratch, SquaresLength + (warp * SumsOfWarp));
        Meet(task);
        if (warp % task.Slices == 0 && lane < task.Rows && pair < task.Pairs)
        {
            float sum1 = 0, sum2 = 0;
            for (var part = warp; part < warp + task.Slices; part++)
            {
                sum1 += scratch[SquaresLength + (part * SumsOfWarp) + (2 * lane)];
                sum2 += scratch[SquaresLength + (part * SumsOfWarp) + (2 * lane) + 1];
            }
            var scale = task.Normalize != 1 ? 1f : XMath.Rsqrt((MatVecPanel.SumOfSquares(scratch, lane) / task.Inner) + task.Epsilon);
            pairs.Store(pair, lane, scale * sum1, scale * sum2);
        }
        Meet(task);
    }

    /// <summary>Waits for the warps that share the sums.</summary>
    private static void Meet(MatVecTask task)
    {
        if (task.Slices == 1) Warp.Barrier();
        else Group.Barrier();
    }
}
