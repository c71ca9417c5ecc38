using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A product of few rows with the low-rank updates of the deep ones, in one launch: <see cref="MatVec"/> with more work in front. The groups that
/// start first take rows of A before their share of the weights and hand the sums to all others; a group that has its first sums of the product looks
/// for them, which are there unless the product is a short one, and every warp adds its rows of B.
/// </summary>
/// <remarks>No group waits for one that has not started: those that others wait for come first and wait for nobody.</remarks>
internal static class LoraMatVecKernel
{
    /// <summary>One launch.</summary>
    /// <typeparam name="TOctet">Eight stored elements of the weights, of A and of B.</typeparam>
    /// <typeparam name="TFormat">How they are stored.</typeparam>
    /// <typeparam name="TSums">How many rows of x.</typeparam>
    /// <typeparam name="TPairs">Which weight rows go together, and what becomes of their sums.</typeparam>
    /// <typeparam name="TUpdates">The B that belong to them.</typeparam>
    public static void Run<TOctet, TFormat, TSums, TPairs, TUpdates>(
        Floats x, Floats gain, TPairs pairs, TUpdates updates, ReducedRows reducedRows, LoraMatVecTask task)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        PtxInstructions.LetNextStart();
        var memory = SharedMemory.GetDynamic<float>();
        Floats scratch = memory.SubView(0, MatVec.ScratchLength), reduced = memory.SubView(LoraMatVecTask.ReducedAt);
        Floats panel = memory.SubView(task.PanelAt);
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize, first = task.ReducingBlocks;
        var rowBytes = (ulong)task.Product.Inner * (ulong)default(TFormat).ElementBytes;
        int staged = -1, gathered = 0;
        // The bounds and conditions of all loops are the same for a whole group, which meets at the barriers inside.
        for (var block = Grid.IdxX; block < task.Blocks; block += Grid.DimX)
        {
            var reduces = block < first;
            var cut = task.Product with
            {
                Slices = reduces ? task.ReducedSlices : task.Product.Slices, Pairs = reduces ? task.ReducedPairs : task.Product.Pairs,
            };
            var slice = warp % cut.Slices;
            var pair = ((reduces ? block : block - first) * cut.PairsPerGroup) + (warp / cut.Slices);
            var known = IntrinsicMath.Min(pair, cut.Pairs - 1); // warps past the last pair repeat it, and store nothing
            ulong row1 = reduces ? reducedRows.First(known, rowBytes) : pairs.First(known, rowBytes);
            ulong row2 = reduces ? reducedRows.Second(known, rowBytes) : pairs.Second(known, rowBytes);
            var adds = !reduces && slice == 0;
            var ahead = default(UpdateBits);
            // One row has its B soonest if that goes first; beside several rows, registers would hold it through the first weights.
            if (default(TSums).Rows == 1 && adds) ahead = LoadUpdate<TOctet, TFormat, TUpdates>(updates, known, lane);
            var sums = default(TSums);
            for (var from = 0; from < task.Product.Octets; from += task.Product.PanelOctets)
            {
                var walk = new MatVecWalk<TOctet, TFormat>(row1, row2, from, (slice * MatVec.WarpSize) + lane, cut);
                var batch = walk.Load(walk.Slot); // on its way while x is staged
                if (default(TSums).Rows > 1 && from == 0 && adds) ahead = LoadUpdate<TOctet, TFormat, TUpdates>(updates, known, lane);
                if (staged != from)
                {
                    if (staged < 0) PtxInstructions.WaitForPrevious(); // weights are nobody's work, x is
                    var pass = Group.IdxX == 0 ? reducedRows.Tags.ReadPass() : 0; // comes with x
                    Group.Barrier(); // nobody reads the last panel any more
                    MatVecPanel.Stage(x, gain, panel, scratch, from, default(TSums).Rows, task.Product);
                    if (Group.IdxX == 0) memory[LoraMatVecTask.PassAt] = Interop.IntAsFloat((uint)pass);
                    Group.Barrier();
                    staged = from;
                }
                sums = walk.AddProducts(sums, batch, panel, cut);
            }
            if (reduces)
            {
                // A norm's scale is left to the product, which puts it on both.
                var stored = reducedRows with { Tag = Tag(memory, reducedRows) };
                MatVec.Finish(sums, scratch, stored, pair, warp, lane, cut with { Normalize = MatVecTask.GainOnly });
                continue;
            }
            // Not in the loop of the product, while weights are on their way: that spilled registers, and took 11 us a layer of 1.7B on an H200.
            if (gathered == 0)
            {
                reducedRows.Gather(reduced, default(TSums).Rows, task.Product.Rows, Tag(memory, reducedRows));
                Group.Barrier();
                gathered = 1;
            }
            if (adds) sums = AddUpdate<TOctet, TFormat, TSums, TUpdates>(sums, updates, ahead, known, lane, reduced);
            MatVec.Finish(sums, scratch, pairs, pair, warp, lane, cut);
        }
    }

    private static uint Tag(Floats memory, ReducedRows reducedRows) =>
        reducedRows.Tags.Of((int)Interop.FloatAsInt(memory[LoraMatVecTask.PassAt]));

    /// <summary>Sends for the thread's elements of the pair's rows of B, the first of each; zeros if it has none.</summary>
    private static UpdateBits LoadUpdate<TOctet, TFormat, TUpdates>(TUpdates updates, int pair, int lane)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TUpdates : struct, IPairUpdates
    {
        if (lane >= updates.Rank) return default;
        var rowBytes = (ulong)(updates.Rank * default(TFormat).ElementBytes);
        var offset = (ulong)(lane * default(TFormat).ElementBytes);
        return new UpdateBits(
            default(TFormat).LoadBitsAhead(updates.First(pair, rowBytes).Address + offset),
            default(TFormat).LoadBitsAhead(updates.Second(pair, rowBytes).Address + offset));
    }

    /// <summary>sums plus the products of the pair's rows of B with the reduced inputs, shared out among the threads of the warp.</summary>
    private static TSums AddUpdate<TOctet, TFormat, TSums, TUpdates>(
        TSums sums, TUpdates updates, UpdateBits ahead, int pair, int lane, Floats reduced)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TUpdates : struct, IPairUpdates
    {
        var rowBytes = (ulong)(updates.Rank * default(TFormat).ElementBytes);
        UpdateRow first = updates.First(pair, rowBytes), second = updates.Second(pair, rowBytes);
        for (var element = lane; element < updates.Rank; element += MatVec.WarpSize)
        {
            var offset = (ulong)(element * default(TFormat).ElementBytes);
            float b1 = default(TFormat).One(ahead.First), b2 = default(TFormat).One(ahead.Second);
            if (element >= MatVec.WarpSize)
                (b1, b2) = (default(TFormat).LoadOne(first.Address + offset), default(TFormat).LoadOne(second.Address + offset));
            sums = default(TSums).AddProduct(sums, b1, 0, reduced, first.Column + element, updates.Columns);
            sums = default(TSums).AddProduct(sums, 0, b2, reduced, second.Column + element, updates.Columns);
        }
        return sums;
    }
}

/// <summary>An element of each of a pair's rows of B, as they are stored.</summary>
internal readonly record struct UpdateBits(uint First, uint Second);
