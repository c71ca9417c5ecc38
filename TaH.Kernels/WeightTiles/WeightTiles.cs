using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Nine to a few hundred rows of x (tokens) times bfloat16 weights, at the rate that memory delivers the weights. The weights are the large side of
/// the tensor cores' tiles and go from memory straight to the registers that those read them from, two chunks on the way to each thread; the tokens,
/// packed beforehand, come through a ring in shared memory. The groups of a cluster share the columns of a tile and add their sums up over their
/// shared memory, always in the same order.
/// </summary>
internal static class WeightTiles
{
    /// <summary>Pairs of weight rows of a warp: first rows in the upper half of a 16-row tile, second rows in the lower.</summary>
    public const int PairsOfWarp = 8;

    /// <summary>The most tokens of a tile.</summary>
    public const int MaxTokens = 128;

    /// <summary>Slots of the ring.</summary>
    public const int Slots = 4;

    /// <summary>One launch.</summary>
    /// <typeparam name="TSums">How many tokens a tile has.</typeparam>
    /// <typeparam name="TProducts">How products are made, and of how many terms.</typeparam>
    /// <typeparam name="TSplits">Whether and how groups share the columns.</typeparam>
    /// <typeparam name="TPairs">Which weight rows go together, and what becomes of their sums.</typeparam>
    /// <typeparam name="TUpdates">What else is added to their sums: up to a chunk of columns.</typeparam>
    /// <param name="packed">The tokens; see <see cref="PackedTokens"/>.</param>
    /// <param name="squares">[chunks, <see cref="PackedTokens.MaxRows"/>]; read only if x is normalised.</param>
    /// <param name="pairs">The weights.</param>
    /// <param name="updates">The rows of B.</param>
    /// <param name="reduced">The reduced inputs, packed as one chunk; read only if there are updates.</param>
    /// <param name="task">The sizes.</param>
    public static void Run<TSums, TProducts, TSplits, TPairs, TUpdates>(
        ulong packed, Floats squares, TPairs pairs, TUpdates updates, ulong reduced, WeightTilesTask task)
        where TSums : unmanaged, ITokenBlocks<TSums> where TProducts : struct, ITileProducts<TSums> where TSplits : struct, IColumnSplits
        where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        default(TProducts).Begin();
        var scales = SharedMemory.Allocate<float>(MaxTokens);
        var memory = SharedMemory.GetDynamic<float>();
        PtxInstructions.LetNextStart();
        var walk = WeightWalk<TPairs, TUpdates>.Of(pairs, updates, task);
        var a = walk.Load(0);
        var b = walk.Load(1);
        PtxInstructions.WaitForPrevious(); // weights are never written; everything else may have been
        var tokens = TokenBlock.Tokens * default(TSums).Blocks;
        task = task with { FirstRow = Grid.IdxY * tokens };
        var ring = new TokenRing(
            PtxInstructions.AddressOf(ref memory[0]), packed, reduced, Grid.IdxY,
            PackedTokens.ChunkBytes(tokens, default(TProducts).Terms), task.Chunks);
        for (var ahead = 0; ahead < Slots - 1; ahead++) Send(ring, walk, ahead);
        FindScales(squares, scales, tokens, task);
        var step = 0;
        for (var turn = 0; turn < walk.Turns; turn++)
        {
            var sums = default(TSums);
            for (var chunk = 0; chunk < task.SplitChunks; chunk += 2)
            {
                sums = Add<TSums, TProducts, TPairs, TUpdates>(sums, a, ring, walk, step, chunk);
                a = walk.Load(step + 2);
                step++;
                if (chunk + 1 >= task.SplitChunks) continue;
                sums = Add<TSums, TProducts, TPairs, TUpdates>(sums, b, ring, walk, step, 1);
                b = walk.Load(step + 2);
                step++;
            }
            sums = default(TProducts).Finish(sums);
            default(TSplits).Store(sums, walk, turn, ring.Memory, scales, task);
        }
    }

    private static TSums Add<TSums, TProducts, TPairs, TUpdates>(
        TSums sums, WeightChunk weights, TokenRing ring, WeightWalk<TPairs, TUpdates> walk, int step, int add)
        where TSums : unmanaged, ITokenBlocks<TSums> where TProducts : struct, ITileProducts<TSums> where TPairs : struct, IWeightPairs
        where TUpdates : struct, IPairUpdates
    {
        PtxInstructions.WaitForCopiesButTwo();
        default(TProducts).ShowCopies();
        Group.Barrier(); // everybody's copies of this step have come, and nobody reads the slot of the last one any more
        Send(ring, walk, step + Slots - 1);
        return default(TProducts).Add(sums, weights, ring.Slot(step), Group.IdxX % MatVec.WarpSize, add);
    }

    private static void Send<TPairs, TUpdates>(TokenRing ring, WeightWalk<TPairs, TUpdates> walk, int step)
        where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        if (step < walk.Steps) ring.Send(step, walk.ChunkOf(step));
        PtxInstructions.CloseCopies();
    }

    /// <summary>What each token's sums are multiplied with: the norm's part that is the same for all of a row.</summary>
    private static void FindScales(Floats squares, Floats scales, int tokens, WeightTilesTask task)
    {
        if (Group.IdxX >= tokens) return;
        var scale = 1f;
        var row = task.FirstRow + Group.IdxX;
        if (task.Normalize != 0 && row < task.Rows)
        {
            var sum = 0f;
            for (var chunk = 0; chunk < task.Chunks; chunk++) sum += squares[(chunk * PackedTokens.MaxRows) + row];
            scale = XMath.Rsqrt((sum / task.Inner) + task.Epsilon);
        }
        scales[Group.IdxX] = scale;
    }
}
