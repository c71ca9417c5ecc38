using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Cards before Hopper: groups that share the columns of a tile leave their sums in global memory; the last to come adds all of them up, in the
/// groups' order whichever it is.
/// </summary>
internal readonly struct MemorySums : IColumnSplits
{
    /// <summary>Bytes of partial sums that a thread has.</summary>
    public static int BytesOfThread(int blocks) => blocks * Word16.Bytes;

    public void Store<TSums, TPairs, TUpdates>(
        TSums sums, WeightWalk<TPairs, TUpdates> walk, int turn, ulong memory, Floats scales, WeightTilesTask task)
        where TSums : unmanaged, ITokenBlocks<TSums> where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        var last = SharedMemory.Allocate<int>(1);
        Group.Barrier(); // the slowest warp of the group may still read tokens
        default(TSums).Put(sums, memory + (ulong)(Group.IdxX * Word16.Bytes), Group.DimX * Word16.Bytes);
        var tile = (Grid.IdxY * walk.Workers) + walk.Worker;
        var bytesOfGroup = Group.DimX * BytesOfThread(default(TSums).Blocks);
        var partials = task.Partials + ((ulong)(tile * task.Splits) * (ulong)bytesOfGroup) + (ulong)(Group.IdxX * Word16.Bytes);
        for (var block = 0; block < default(TSums).Blocks; block++)
        {
            var offset = (ulong)(block * Group.DimX * Word16.Bytes);
            var own = PtxInstructions.LoadSharedQuad(memory + offset + (ulong)(Group.IdxX * Word16.Bytes));
            PtxInstructions.StoreQuad(partials + ((ulong)walk.Split * (ulong)bytesOfGroup) + offset, own);
        }
        MemoryFence.DeviceLevel(); // the sums are to be seen before the count
        Group.Barrier();
        var counter = task.Counters + ((ulong)tile * sizeof(int));
        if (Group.IdxX == 0) last[0] = PtxInstructions.CountUp(counter) == task.Splits - 1 ? 1 : 0;
        Group.Barrier();
        if (last[0] == 0) return;
        MemoryFence.DeviceLevel();
        if (Group.IdxX == 0) PtxInstructions.StoreUInt(counter, 0); // for the next launch
        var pair = walk.PairOf(turn);
        for (var block = 0; block < default(TSums).Blocks; block++)
        {
            var address = partials + (ulong)(block * Group.DimX * Word16.Bytes);
            var sum = PtxInstructions.LoadQuad(address);
            for (var group = 1; group < task.Splits; group++)
            {
                var other = PtxInstructions.LoadQuad(address + ((ulong)group * (ulong)bytesOfGroup));
                sum = sum.Plus(other);
            }
            if (pair < task.Pairs)
                default(TokenBlock).Store(new TokenBlock(sum), walk.Pairs, pair, scales, (block * TokenBlock.Tokens) + (Group.IdxX % 4 * 2), task);
        }
    }
}
