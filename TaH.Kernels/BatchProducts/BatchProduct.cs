using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Hopper: a batch's rows (tokens) times weights that memory has to deliver. The weights are the large side of the tensor cores' tiles; those of the
/// first slices are on their way into shared memory before the kernel in front has ended. The groups of a cluster share the columns of a tile, so that
/// all multiprocessors fetch, and add their sums up over their shared memory, always in the same order.
/// </summary>
internal static class BatchProduct
{
    /// <summary>Weight rows of a warpgroup.</summary>
    public const int BlockRows = 64;

    /// <summary>The most tokens.</summary>
    public const int MaxTokens = 128;

    /// <summary>The most warpgroups that multiply.</summary>
    public const int MaxBlocks = 3;

    /// <summary>Threads of a warpgroup.</summary>
    public const int WarpgroupSize = 128;

    /// <summary>Two warps that fetch: weights, and tokens.</summary>
    public const int Fetchers = 64;

    // Rows of 128 bytes, swizzled by 128 bytes, eight rows to the next group of rows: what the instruction knows as layout 1, strides 16 and 1024 bytes.
    private const ulong Layout = 0x4000004000010000UL;
    private const ulong NextProduct = 2; // 16 elements, in units of 16 bytes

    /// <summary>From a token's sums to the next one's: four more than the weight rows, so that what a warp puts down falls into all banks.</summary>
    public static int PitchBytes(int blocks) => ((blocks * BlockRows) + 4) * sizeof(float);

    /// <summary>One launch.</summary>
    /// <typeparam name="TTokens">How many tokens at the most.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TTokens, TStore>(BatchProductTask task) where TTokens : struct, IBatchTokens where TStore : struct, IBatchStore
    {
        default(TTokens).Declare();
        var scales = SharedMemory.Allocate<float>(MaxTokens);
        var memory = SharedMemory.GetDynamic<float>();
        PtxInstructions.LetNextStart();
        var ring = BatchRing.Of(((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u, default(TTokens).Count, task);
        var multipliers = PtxInstructions.Keep(task.Blocks * WarpgroupSize);
        if (Group.IdxX == 0) ring.Initialise(task.Blocks);
        Group.Barrier();
        var sums = ring.Weights; // nobody needs the slots any more when sums are put down
        if (Group.IdxX >= multipliers)
        {
            if (Group.IdxX == multipliers) FetchWeights<TStore>(task, ring);
            else if (Group.IdxX == multipliers + MatVec.WarpSize) FetchTokens<TStore>(task, ring);
        }
        else
        {
            PtxInstructions.WaitForPrevious();
            FindScales(task, scales, default(TTokens).Count);
            Multiply<TTokens>(task, ring);
            PtxInstructions.WaitForFirst(multipliers); // the slowest warpgroup may still read slots
            var lane = Group.IdxX % MatVec.WarpSize;
            default(TTokens).Put(
                sums + (uint)(lane % 4 * 2 * PitchBytes(task.Blocks)) + (uint)(((Group.IdxX / MatVec.WarpSize * 16) + (lane / 4)) * sizeof(float)),
                PitchBytes(task.Blocks));
            if (task.Splits == 1) PtxInstructions.WaitForFirst(multipliers);
        }
        if (task.Splits > 1) PtxInstructions.MeetCluster();
        if (Group.IdxX < multipliers) default(TStore).Store(task, sums, scales, default(TTokens).Count / task.Splits);
        if (task.Splits > 1) PtxInstructions.MeetCluster(); // nobody leaves while another reads its memory
    }

    /// <summary>The thread that sends for weights; nobody writes them, so that it waits for no kernel.</summary>
    private static void FetchWeights<TStore>(BatchProductTask task, BatchRing ring) where TStore : struct, IBatchStore
    {
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits;
        var slot = ring.FirstWeights(parity: 1u); // a new barrier counts as having ended a phase of parity 1
        for (var slice = 0; slice < task.SlicesOf(split); slice++)
        {
            PtxInstructions.WaitForBarrier(slot.Barrier + 8u, slot.Parity);
            PtxInstructions.ArriveExpecting(slot.Barrier, ring.WeightBytes);
            var column = task.Parts.WeightSlice((split * task.SplitSlices) + slice) * WgmmaProduct.Slice;
            if (slice < task.SplitSlices) default(TStore).StartWeights(task, slot, tile, column);
            else default(TStore).StartUpdate(task, slot, tile, slice - task.SplitSlices);
            slot = ring.NextWeights(slot);
        }
    }

    /// <summary>The thread that sends for tokens, which the kernel in front may have written.</summary>
    private static void FetchTokens<TStore>(BatchProductTask task, BatchRing ring) where TStore : struct, IBatchStore
    {
        PtxInstructions.WaitForPrevious();
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits;
        var slot = ring.FirstTokens(parity: 1u);
        for (var slice = 0; slice < task.SlicesOf(split); slice++)
        {
            PtxInstructions.WaitForBarrier(slot.Barrier + 8u, slot.Parity);
            PtxInstructions.ArriveExpecting(slot.Barrier, ring.TokenBytes);
            var updates = slice >= task.SplitSlices;
            var column = updates ? default(TStore).ReducedSlice(task, tile, slice - task.SplitSlices) : task.Parts.TokenSlice((split * task.SplitSlices) + slice);
            PtxInstructions.StartTile(
                slot.Memory, updates ? task.Updates.Reduced : task.X, column * WgmmaProduct.Slice, updates ? 0 : task.FromRow, slot.Barrier);
            slot = ring.NextTokens(slot);
        }
    }

    /// <summary>A multiplying thread: sums up what arrives.</summary>
    private static void Multiply<TTokens>(BatchProductTask task, BatchRing ring) where TTokens : struct, IBatchTokens
    {
        var block = (uint)(Group.IdxX / WarpgroupSize * BlockRows * BatchRing.SliceBytes);
        BatchSlot weights = ring.FirstWeights(parity: 0u), tokens = ring.FirstTokens(parity: 0u);
        uint usedWeights = 0, usedTokens = 0;
        var slices = PtxInstructions.Keep(task.SlicesOf(Grid.IdxX % task.Splits));
        default(TTokens).Clear();
        for (var slice = 0; slice < slices; slice++)
        {
            PtxInstructions.WaitForBarrier(weights.Barrier, weights.Parity);
            PtxInstructions.WaitForBarrier(tokens.Barrier, tokens.Parity);
            var a = ((weights.Memory + block) >> 4) | Layout;
            var b = (tokens.Memory >> 4) | Layout;
            PtxInstructions.FenceProducts();
            default(TTokens).StartProduct(a, b);
            default(TTokens).StartProduct(a + NextProduct, b + NextProduct);
            default(TTokens).StartProduct(a + (2 * NextProduct), b + (2 * NextProduct));
            default(TTokens).StartProduct(a + (3 * NextProduct), b + (3 * NextProduct));
            PtxInstructions.CloseProducts();
            PtxInstructions.WaitForProductsButOne();
            if (slice > 0 && Group.IdxX % WarpgroupSize == 0) // the slice before is used up
            {
                PtxInstructions.Arrive(usedWeights + 8u);
                PtxInstructions.Arrive(usedTokens + 8u);
            }
            (usedWeights, usedTokens) = (weights.Barrier, tokens.Barrier);
            weights = ring.NextWeights(weights);
            tokens = ring.NextTokens(tokens);
        }
        PtxInstructions.WaitForProducts();
    }

    /// <summary>What each token's sums are multiplied with: the norm's part that is the same for all of a row.</summary>
    private static void FindScales(BatchProductTask task, Floats scales, int tokens)
    {
        if (Group.IdxX >= tokens) return;
        var scale = 1f;
        if (task.Squares != 0 && Group.IdxX < task.Rows)
        {
            var pitch = BatchNext.PitchOf(task.Inner);
            var at = task.Squares + ((ulong)(Group.IdxX * pitch) * sizeof(float));
            var sum = default(Quad);
            for (var end = at + ((ulong)pitch * sizeof(float)); at < end; at += Word16.Bytes) sum = sum.Plus(PtxInstructions.LoadQuad(at));
            scale = XMath.Rsqrt(((sum.A + sum.B + sum.C + sum.D) / task.Inner) + task.Epsilon);
        }
        scales[Group.IdxX] = scale;
    }
}
