using ILGPU;
using ILGPU.Algorithms;

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
    private const float Epsilon = 1e-5f; // of every LayerNorm, as in torch.nn.LayerNorm

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
            var task = phase.Walk(rows);
            int slice = warp % phase.Slices, pairsOfGroup = warps / phase.Slices;
            var staged = -1;
            // The bounds of both loops are the same for a whole group, which meets at the barriers inside.
            for (var start = Grid.IdxX * pairsOfGroup; start < phase.Pairs; start += Grid.DimX * pairsOfGroup)
            {
                var pair = start + (warp / phase.Slices);
                var known = IntrinsicMath.Min(pair, phase.Pairs - 1); // warps past the last pair repeat it, and store nothing
                int output1 = 2 * known, output2 = IntrinsicMath.Min(output1 + 1, phase.Outer - 1);
                var rowBytes = (ulong)phase.Inner * sizeof(float);
                ulong first = phase.Weight + ((ulong)output1 * rowBytes), second = phase.Weight + ((ulong)output2 * rowBytes);
                float add1 = PtxInstructions.LoadFloat(phase.Bias + ((ulong)output1 * sizeof(float)));
                float add2 = PtxInstructions.LoadFloat(phase.Bias + ((ulong)output2 * sizeof(float)));
                var sums = default(TSums);
                for (var from = 0; from < phase.Octets; from += phase.PanelOctets)
                {
                    var walk = new MatVecWalk<SingleOctet, SingleOctets>(first, second, from, (slice * MatVec.WarpSize) + lane, task);
                    var batch = walk.Load(walk.Slot); // on its way while x comes
                    if (!waited)
                    {
                        PtxInstructions.WaitForPrevious();
                        tag = launches[0] + 1u;
                        waited = true;
                    }
                    if (staged != from)
                    {
                        Group.Barrier(); // nobody reads the last panel any more
                        Stage(states, phase, panel, from, tag, rows);
                        if (phase.Gain != 0) Normalize(phase, panel, moments, rows, task);
                        Group.Barrier();
                        staged = from;
                    }
                    sums = walk.AddProducts(sums, batch, panel, task);
                }
                sums = default(TSums).OverWarp(sums);
                if (lane == 0) default(TSums).Write(sums, scratch, warp * SumsOfWarp);
                Group.Barrier();
                if (slice == 0 && lane < rows && pair < phase.Pairs)
                {
                    for (var part = warp; part < warp + phase.Slices; part++)
                    {
                        add1 += scratch[(part * SumsOfWarp) + (2 * lane)];
                        add2 += scratch[(part * SumsOfWarp) + (2 * lane) + 1];
                    }
                    Store(phase, decisions, lane, output1, add1, tag);
                    if (output2 > output1) Store(phase, decisions, lane, output2, add2, tag);
                }
                Group.Barrier();
            }
        }
        // The last output is this group's, and needed a part of every group that has read the count.
        if (Grid.IdxX == 0 && Group.IdxX == 0) launches[0] = tag;
    }

    private static void Store(DeciderPhase phase, Floats decisions, int row, int output, float value, uint tag)
    {
        var cell = (((ulong)row * (ulong)phase.Outer) + (ulong)output) * sizeof(ulong);
        if (phase.Gelu != 0) value = GeluPortable.Of(value);
        if (phase.Residual != 0) value += PtxInstructions.LoadTagged(phase.Residual + cell, tag);
        if (phase.Target == 0) decisions[row] = value;
        else PtxInstructions.StoreTagged(phase.Target + cell, value, tag);
    }

    /// <summary>Brings a panel of x to shared memory, in the order of <see cref="MatVecPanel.Place"/>.</summary>
    private static void Stage(DeciderStates states, DeciderPhase phase, Floats panel, int from, uint tag, int rows)
    {
        var start = from * MatVecTask.Octet;
        var quads = IntrinsicMath.Min(phase.PanelOctets * MatVecTask.Octet, phase.Inner - start) / 4;
        for (var i = Group.IdxX; i < rows * quads; i += Group.DimX)
        {
            int row = i / quads, quad = i % quads;
            var element = start + (4 * quad);
            var four = phase.Source == 0
                ? states.Load(row, element)
                : PtxInstructions.LoadTaggedQuad(phase.Source + ((((ulong)row * (ulong)phase.Inner) + (ulong)element) * sizeof(ulong)), tag);
            var place = (row * phase.PanelOctets * MatVecTask.Octet) + (quad % 2 * 4 * phase.PanelOctets) + (quad / 2 * 4);
            PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[place]), four);
        }
    }

    /// <summary>LayerNorm of the rows in the panel; the group's threads have each written their part of it.</summary>
    private static void Normalize(DeciderPhase phase, Floats panel, Floats moments, int rows, MatVecTask task)
    {
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize, stride = phase.PanelOctets * MatVecTask.Octet;
        Group.Barrier();
        for (var row = warp; row < rows; row += Group.DimX / MatVec.WarpSize)
        {
            var sum = 0f;
            for (var i = lane; i < phase.Inner; i += MatVec.WarpSize) sum += panel[(row * stride) + MatVecPanel.Place(i, task)];
            var mean = WarpReduce.Sum(sum) / phase.Inner;
            var squares = 0f;
            for (var i = lane; i < phase.Inner; i += MatVec.WarpSize)
            {
                var difference = panel[(row * stride) + MatVecPanel.Place(i, task)] - mean;
                squares += difference * difference;
            }
            squares = WarpReduce.Sum(squares);
            if (lane != 0) continue;
            moments[2 * row] = mean;
            moments[(2 * row) + 1] = XMath.Rsqrt((squares / phase.Inner) + Epsilon);
        }
        Group.Barrier();
        for (var i = Group.IdxX; i < rows * phase.Inner; i += Group.DimX)
        {
            int row = i / phase.Inner, element = i % phase.Inner;
            var offset = (ulong)element * sizeof(float);
            float gain = PtxInstructions.LoadFloat(phase.Gain + offset), shift = PtxInstructions.LoadFloat(phase.Shift + offset);
            var place = (row * stride) + MatVecPanel.Place(element, task);
            panel[place] = ((panel[place] - moments[2 * row]) * moments[(2 * row) + 1] * gain) + shift;
        }
    }
}
