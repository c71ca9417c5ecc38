using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// CUDA: the whole decider in one launch of groups that stay for all products. A group sends for its weights of a product before it waits for what
/// the others make of the one before. Nobody meets at a barrier: every number travels in a cell with the tag of launch and product, and who needs it
/// looks until the tag is there. Teams of groups share rows out; what one of them makes no other waits for.
/// </summary>
internal static class DeciderResident
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>The most products of a decider.</summary>
    public const int MaxPhases = 32;

    /// <summary>From the tags of a launch to those of the next.</summary>
    public const uint TagsOfLaunch = 2 * MaxPhases;

    /// <summary>Floats of x that are in shared memory at a time.</summary>
    public const int PanelCapacity = 8192;

    private const int Warps = GroupSize / MatVec.WarpSize;
    private const int SumsOfWarp = 2 * MatVec.MaxRows;
    private const int ScratchLength = Warps * SumsOfWarp; // moments need less, at another time

    // Weights of so many products behind come to the L2 cache while one is made.
    private const int Ahead = 2;

    /// <summary>One launch.</summary>
    /// <typeparam name="TSums">How many rows together.</typeparam>
    /// <typeparam name="TOctet">Eight stored weights of the products behind the first, which has singles.</typeparam>
    /// <typeparam name="TFormat">How they are stored.</typeparam>
    /// <param name="states">The input.</param>
    /// <param name="task">The products.</param>
    public static void Run<TSums, TOctet, TFormat>(DeciderStates states, DeciderTask task)
        where TSums : unmanaged, IRowSums<TSums> where TOctet : unmanaged where TFormat : struct, IDeciderOctets<TOctet>
    {
        PtxInstructions.LetNextStart();
        var room = SharedMemory.Allocate<float>(PanelCapacity + ScratchLength);
        var phases = SharedMemory.Allocate<DeciderPhase>(MaxPhases);
        for (var i = Group.IdxX; i < task.Count; i += Group.DimX) phases[i] = task.Phases[i];
        Group.Barrier();
        int group = Grid.IdxX % task.Groups, together = default(TSums).Rows;
        int first = Grid.IdxX / task.Groups * together, step = task.Teams * together; // of the team's rows
        Prefetch<TOctet, TFormat>(phases, task, group, 1);
        var tag = 0u;
        for (var row = first; row < task.Rows; row += step)
            tag = Make<TSums, SingleOctet, DeciderSingles>(states, phases[0], task, group, row, room, tag, 0);
        for (var number = 1; number < task.Count; number++)
        {
            Prefetch<TOctet, TFormat>(phases, task, group, number + Ahead - 1);
            for (var row = first; row < task.Rows; row += step)
                Make<TSums, TOctet, TFormat>(states, phases[number], task, group, row, room, tag, number);
        }
        if (Group.IdxX != 0 || Atomic.Add(ref task.Launches[1], 1u) != (uint)(task.Groups * task.Teams) - 1u) return;
        // Every group has read the count.
        task.Launches[1] = 0;
        task.Launches[0]++;
    }

    /// <summary>A product for some rows.</summary>
    /// <returns>The launch's tag.</returns>
    private static uint Make<TSums, TOctet, TFormat>(
        DeciderStates states, DeciderPhase phase, DeciderTask task, int group, int firstRow, Floats room, uint tag, int number)
        where TSums : unmanaged, IRowSums<TSums> where TOctet : unmanaged where TFormat : struct, IDeciderOctets<TOctet>
    {
        Floats panel = room.SubView(0, PanelCapacity), scratch = room.SubView(PanelCapacity, ScratchLength);
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        int slice = warp % phase.Slices, pairsOfGroup = Warps / phase.Slices, turn = phase.Slices * MatVec.WarpSize;
        var weightBytes = (ulong)(phase.Inner * default(TFormat).ElementBytes);
        int staged = -1, rows = IntrinsicMath.Min(default(TSums).Rows, task.Rows - firstRow);
        // The bounds of both loops are the same for a whole group, which meets at the barriers inside.
        for (var firstPair = group * pairsOfGroup; firstPair < phase.Pairs; firstPair += task.Groups * pairsOfGroup)
        {
            var pair = firstPair + (warp / phase.Slices);
            var known = IntrinsicMath.Min(pair, phase.Pairs - 1); // warps past the last pair repeat it, and store nothing
            ulong weights1 = phase.Weight + ((ulong)(2 * known) * weightBytes);
            ulong weights2 = phase.Weight + ((ulong)IntrinsicMath.Min((2 * known) + 1, phase.Outer - 1) * weightBytes);
            // Every two threads of a warp finish the sums of a row of x, one output each; the others do as the last do.
            int row = IntrinsicMath.Min(lane / 2, rows - 1), output = IntrinsicMath.Min((2 * known) + (lane % 2), phase.Outer - 1);
            var sum = PtxInstructions.LoadConstantFloat(phase.Bias + ((ulong)output * sizeof(float)));
            var residual = 0f;
            var sums = default(TSums);
            int panelStart = 0, panelEnd = 0, end;
            for (var from = 0; from < phase.Octets; from = end)
            {
                if (from == panelEnd) (panelStart, panelEnd) = (from, phase.EndOfPanel(from));
                end = IntrinsicMath.Min(from + (DeciderWalk<TOctet, TFormat>.Turns * turn), panelEnd);
                var start = (ulong)(from * MatVecTask.Octet * default(TFormat).ElementBytes);
                // On its way while x comes.
                var walk = new DeciderWalk<TOctet, TFormat>(weights1 + start, weights2 + start, end - from, (slice * MatVec.WarpSize) + lane, turn);
                if (number == 0 && tag == 0u)
                {
                    PtxInstructions.WaitForPrevious();
                    tag = task.Tag();
                }
                if (number != 0 && from == 0 && phase.Residual.Product != 0)
                    residual = PtxInstructions.LoadTagged(
                        task.OwnCell(group, phase.Residual.Cell + ((firstRow + row) * phase.Outer) + output), tag + (uint)phase.Residual.Product);
                if (staged != panelStart)
                {
                    Group.Barrier(); // nobody reads the last panel any more
                    if (number == 0) DeciderPanel.StageInput(states, phase, panel, from, firstRow, rows);
                    else DeciderPanel.Stage(task, phase, panel, scratch, from, tag, group, firstRow, rows);
                    Group.Barrier();
                    staged = panelStart;
                }
                var x = PtxInstructions.AddressOf(ref panel[(from - panelStart) * MatVecTask.Octet]);
                sums = walk.AddProducts(sums, x, phase.PanelOctets * MatVecTask.Octet * sizeof(float));
            }
            sums = default(TSums).OverWarp(sums);
            if (lane == 0) default(TSums).Write(sums, scratch, warp * SumsOfWarp);
            Meet(phase);
            for (var part = warp - slice; part < warp - slice + phase.Slices; part++) sum += scratch[(part * SumsOfWarp) + (2 * row) + (lane % 2)];
            if (number != 0 && phase.Gelu != 0) sum = GeluPortable.Of(sum);
            sum += residual;
            if (pair < phase.Pairs) Send(phase, task, firstRow, rows, 2 * pair, sum, tag, number, (slice * MatVec.WarpSize) + lane, turn);
            Meet(phase);
        }
        if (number == 0 && tag == 0u) // no part of the first product: it has not waited
        {
            PtxInstructions.WaitForPrevious();
            tag = task.Tag();
        }
        return tag;
    }

    /// <summary>Brings two outputs of every row to every inbox, or decisions to where they are read.</summary>
    private static void Send(
        DeciderPhase phase, DeciderTask task, int firstRow, int rows, int output, float sum, uint tag, int number, int slot, int turn)
    {
        if (number == task.Count - 1)
        {
            if (slot < 2 * rows && slot % 2 == 0) task.Decisions[firstRow + (slot / 2)] = sum;
            return;
        }
        for (var row = 0; row < rows; row++)
        {
            float first = Warp.Shuffle(sum, 2 * row), second = Warp.Shuffle(sum, (2 * row) + 1);
            var cell = phase.Target + ((firstRow + row) * phase.Outer) + output;
            for (var inbox = slot; inbox < task.InboxCount; inbox += turn)
                PtxInstructions.StoreTaggedPair(task.Cell(inbox, cell), first, second, tag + (uint)number + 1u);
        }
    }

    /// <summary>Waits for the warps that share the sums.</summary>
    private static void Meet(DeciderPhase phase)
    {
        if (phase.Slices == 1) Warp.Barrier();
        else Group.Barrier();
    }

    /// <summary>Sends a product's weights of this group, which are neighbours, to the L2 cache, if there is such a product.</summary>
    private static void Prefetch<TOctet, TFormat>(ArrayView<DeciderPhase> phases, DeciderTask task, int group, int number)
        where TOctet : unmanaged where TFormat : struct, IDeciderOctets<TOctet>
    {
        if (number >= task.Count) return;
        var phase = phases[number];
        var rowBytes = phase.Inner * default(TFormat).ElementBytes;
        int rows = 2 * (Warps / phase.Slices), first = group * rows;
        var bytes = IntrinsicMath.Min(rows, phase.Outer - first) * rowBytes;
        var start = phase.Weight + ((ulong)first * (ulong)rowBytes);
        for (var at = Group.IdxX * PtxInstructions.LineBytes; at < bytes; at += Group.DimX * PtxInstructions.LineBytes)
            PtxInstructions.PrefetchLine(start + (ulong)at);
    }
}
