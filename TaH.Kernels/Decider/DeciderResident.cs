using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// CUDA, few rows: the whole decider in one launch whose groups, one a multiprocessor, stay for all products. A group sends for its weights of a
/// product before it waits for what the others make of the one before. Nobody meets at a barrier: every number travels in a cell with the tag of the
/// launch, and who needs it looks until the tag is there.
/// </summary>
internal static class DeciderResident
{
    /// <summary>Threads of a group, at most.</summary>
    public const int MaxGroupSize = 512;

    /// <summary>Floats of x that fit in shared memory beside the rest.</summary>
    public const int PanelCapacity = 12288 - (MaxWarps * SumsOfWarp) - (2 * MatVec.MaxRows);

    private const int MaxWarps = MaxGroupSize / MatVec.WarpSize;
    private const int SumsOfWarp = 2 * MatVec.MaxRows;

    /// <summary>One launch.</summary>
    /// <typeparam name="TSums">How many head rows.</typeparam>
    /// <param name="states">The input.</param>
    /// <param name="phases">The products in order; the last has one output, the decision.</param>
    /// <param name="launches">[1] counts launches.</param>
    /// <param name="decisions">[rows], written.</param>
    /// <param name="rows">Head rows.</param>
    /// <param name="count">How many products there are.</param>
    public static void Run<TSums>(DeciderStates states, ArrayView<DeciderPhase> phases, Keys launches, Floats decisions, int rows, int count)
        where TSums : unmanaged, IRowSums<TSums>
    {
        var panel = SharedMemory.Allocate<float>(PanelCapacity);
        var scratch = SharedMemory.Allocate<float>(MaxWarps * SumsOfWarp);
        var moments = SharedMemory.Allocate<float>(2 * MatVec.MaxRows);
        PtxInstructions.LetNextStart();
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize, warps = Group.DimX / MatVec.WarpSize;
        var tag = 0u;
        var waited = false;
        for (var number = 0; number < count; number++)
        {
            var phase = phases[number];
            int slice = warp % phase.Slices, pairsOfGroup = warps / phase.Slices;
            var staged = -1;
            // The bounds of both loops are the same for a whole group, which meets at the barriers inside.
            for (var firstPair = Grid.IdxX * pairsOfGroup; firstPair < phase.Pairs; firstPair += Grid.DimX * pairsOfGroup)
            {
                var pair = firstPair + (warp / phase.Slices);
                var known = IntrinsicMath.Min(pair, phase.Pairs - 1); // warps past the last pair repeat it, and store nothing
                int output1 = 2 * known, output2 = IntrinsicMath.Min(output1 + 1, phase.Outer - 1);
                var weightBytes = (ulong)phase.Inner * sizeof(float);
                ulong first = phase.Weight + ((ulong)output1 * weightBytes), second = phase.Weight + ((ulong)output2 * weightBytes);
                float add1 = PtxInstructions.LoadConstantFloat(phase.Bias + ((ulong)output1 * sizeof(float)));
                float add2 = PtxInstructions.LoadConstantFloat(phase.Bias + ((ulong)output2 * sizeof(float)));
                // Of one row of x each, in the threads that will write it.
                var writes = slice == 0 && lane < rows && pair < phase.Pairs;
                float residual1 = 0, residual2 = 0;
                var sums = default(TSums);
                for (var from = 0; from < phase.Octets; from += phase.PanelOctets)
                {
                    var start = (ulong)(from * 2 * Word16.Bytes);
                    var walk = new DeciderWalk(
                        first + start, second + start, IntrinsicMath.Min(phase.PanelOctets, phase.Octets - from), (slice * MatVec.WarpSize) + lane,
                        phase.Slices * MatVec.WarpSize);
                    var batch = walk.Load(0); // on its way while x comes
                    if (!waited)
                    {
                        PtxInstructions.WaitForPrevious();
                        tag = launches[0] + 1u;
                        waited = true;
                    }
                    if (from == 0 && writes && phase.Residual != 0)
                    {
                        residual1 = PtxInstructions.LoadTagged(phase.Residual + phase.Cell(lane, output1), tag);
                        residual2 = PtxInstructions.LoadTagged(phase.Residual + phase.Cell(lane, output2), tag);
                    }
                    if (staged != from)
                    {
                        Group.Barrier(); // nobody reads the last panel any more
                        if (phase.Gain != 0) DeciderPanel.StageNormalized(phase, panel, moments, tag, rows);
                        else if (phase.Source != 0) DeciderPanel.Stage(phase, panel, from, tag, rows);
                        else DeciderPanel.Stage(states, phase, panel, from, rows);
                        Group.Barrier();
                        staged = from;
                    }
                    var rowBytes = phase.PanelOctets * MatVecTask.Octet * sizeof(float);
                    sums = walk.AddProducts(sums, batch, PtxInstructions.AddressOf(ref panel[0]), rowBytes);
                }
                sums = default(TSums).OverWarp(sums);
                if (lane == 0) default(TSums).Write(sums, scratch, warp * SumsOfWarp);
                Group.Barrier();
                if (writes)
                {
                    for (var part = warp; part < warp + phase.Slices; part++)
                    {
                        add1 += scratch[(part * SumsOfWarp) + (2 * lane)];
                        add2 += scratch[(part * SumsOfWarp) + (2 * lane) + 1];
                    }
                    Store(phase, decisions, lane, output1, add1, residual1, tag);
                    if (output2 > output1) Store(phase, decisions, lane, output2, add2, residual2, tag);
                }
                Group.Barrier();
            }
        }
        // The last output is this group's, and needed a part of every group that has read the count.
        if (Grid.IdxX == 0 && Group.IdxX == 0) launches[0] = tag;
    }

    private static void Store(DeciderPhase phase, Floats decisions, int row, int output, float sum, float residual, uint tag)
    {
        var value = (phase.Gelu != 0 ? GeluPortable.Of(sum) : sum) + residual;
        if (phase.Target == 0) decisions[row] = value;
        else PtxInstructions.StoreTagged(phase.Target + phase.Cell(row, output), value, tag);
    }
}
