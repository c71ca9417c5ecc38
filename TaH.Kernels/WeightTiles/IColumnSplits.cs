using ILGPU;

namespace TaH.Kernels;

/// <summary>How the sums of the groups that share the columns of a tile come together.</summary>
internal interface IColumnSplits
{
    /// <summary>Adds up and hands over.</summary>
    /// <param name="sums">The thread's own.</param>
    /// <param name="walk">The group's place.</param>
    /// <param name="turn">The cluster's tile.</param>
    /// <param name="memory">Shared memory at the same place in every group, whose tokens nobody needs any more when all have come here.</param>
    /// <param name="scales">[tokens of the tile].</param>
    /// <param name="task">The sizes.</param>
    void Store<TSums, TPairs, TUpdates>(
        TSums sums, WeightWalk<TPairs, TUpdates> walk, int turn, ulong memory, Floats scales, WeightTilesTask task)
        where TSums : unmanaged, ITokenBlocks<TSums> where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates;
}

/// <summary>A group has all columns, and with them the sums.</summary>
internal readonly struct WholeColumns : IColumnSplits
{
    public void Store<TSums, TPairs, TUpdates>(
        TSums sums, WeightWalk<TPairs, TUpdates> walk, int turn, ulong memory, Floats scales, WeightTilesTask task)
        where TSums : unmanaged, ITokenBlocks<TSums> where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        var pair = walk.PairOf(turn);
        if (pair < task.Pairs) default(TSums).Store(sums, walk.Pairs, pair, scales, Group.IdxX % 4 * 2, task);
    }
}

/// <summary>
/// Hopper: the groups of a cluster read each other's shared memory; every warp of the cluster adds some of the sums up, in the groups' order.
/// </summary>
internal readonly struct ClusterSums : IColumnSplits
{
    public void Store<TSums, TPairs, TUpdates>(
        TSums sums, WeightWalk<TPairs, TUpdates> walk, int turn, ulong memory, Floats scales, WeightTilesTask task)
        where TSums : unmanaged, ITokenBlocks<TSums> where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        Group.Barrier(); // the slowest warp of the group may still read tokens
        default(TSums).Put(sums, memory + (ulong)(Group.IdxX * Word16.Bytes), Group.DimX * Word16.Bytes);
        PtxInstructions.MeetCluster();
        int warps = Group.DimX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        // A unit is what one warp of each group has of one block of tokens.
        for (var unit = (walk.Split * warps) + (Group.IdxX / MatVec.WarpSize); unit < default(TSums).Blocks * warps; unit += task.Splits * warps)
        {
            var address = memory + (ulong)(((unit * MatVec.WarpSize) + lane) * Word16.Bytes);
            var sum = task.Splits == 2 ? Pair(address, 0) : task.Splits == 4 ? Four(address, 0) : Eight(address);
            var pair = ((walk.Worker + (turn * walk.Workers)) * WeightWalk<TPairs, TUpdates>.PairsOfTile)
                + (unit % warps * WeightTiles.PairsOfWarp) + (lane / 4);
            if (pair < task.Pairs)
                default(TokenBlock).Store(new TokenBlock(sum), walk.Pairs, pair, scales, (unit / warps * TokenBlock.Tokens) + (lane % 4 * 2), task);
        }
        PtxInstructions.MeetCluster(); // no group may go on while another reads its memory
    }

    // All that is read is on its way before the first of it is added.
    private static Quad Pair(ulong address, int group)
    {
        Quad first = PtxInstructions.LoadClusterQuad(address, group), second = PtxInstructions.LoadClusterQuad(address, group + 1);
        return first.Plus(second);
    }

    private static Quad Four(ulong address, int group)
    {
        Quad first = PtxInstructions.LoadClusterQuad(address, group), second = PtxInstructions.LoadClusterQuad(address, group + 1);
        Quad third = PtxInstructions.LoadClusterQuad(address, group + 2), fourth = PtxInstructions.LoadClusterQuad(address, group + 3);
        return first.Plus(second).Plus(third.Plus(fourth));
    }

    private static Quad Eight(ulong address) => Four(address, 0).Plus(Four(address, 4));
}
