using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Hopper: a batch's rows (tokens) times weights that memory has to deliver. The weights are the large side of the tensor cores' tiles; those of the
/// first slices are on their way into shared memory before the kernel in front has ended. The groups of a cluster share the columns of a tile, so
/// that all multiprocessors fetch, and add their sums up (<see cref="BatchMeeting"/>, <see cref="BatchGathering"/>).
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

    /// <summary>From a token's sums to the next one's: four more than the weight rows, so that what a warp puts down falls into all banks.</summary>
    public static int PitchBytes(int blocks) => ((blocks * BlockRows) + 4) * sizeof(float);

    /// <summary>One launch.</summary>
    /// <typeparam name="TTokens">How many tokens at the most.</typeparam>
    /// <typeparam name="TWeights">Which weight rows make a tile.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TTokens, TWeights, TStore>(BatchProductTask task)
        where TTokens : struct, IBatchTokens where TWeights : struct, IBatchWeights where TStore : struct, IBatchStore
    {
        default(TTokens).Declare();
        var scales = SharedMemory.Allocate<float>(MaxTokens);
        var notes = SharedMemory.Allocate<int>(MaxTokens);
        var memory = SharedMemory.GetDynamic<float>();
        PtxInstructions.LetNextStart();
        var start = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var ring = BatchRing.Of(start, default(TTokens).Count, task);
        var meeting = BatchMeeting.Of(start, task);
        var multipliers = PtxInstructions.Keep(task.Blocks * WarpgroupSize);
        var sends = BatchMeeting.Takes(default(TTokens).Count, task.Splits);
        var gathers = BatchGathering.Takes(default(TTokens).Count, task.Splits);
        if (Group.IdxX == 0)
        {
            ring.Initialise(task.Blocks);
            if (sends) meeting.Initialise(default(TTokens).Count, task.Blocks);
        }
        Group.Barrier();
        if (sends) PtxInstructions.MeetClusterEmptyHanded(); // nobody sends before all barriers are there
        if (Group.IdxX >= multipliers)
        {
            if (Group.IdxX == multipliers) FetchWeights<TWeights>(task, ring);
            else if (Group.IdxX == multipliers + MatVec.WarpSize) FetchTokens<TWeights>(task, ring);
            if (gathers) PtxInstructions.MeetCluster(); // as the others do
        }
        else
        {
            PtxInstructions.WaitForPrevious();
            var ahead = default(TStore).Ahead(task, Group.IdxX);
            FindScales<TStore>(task, scales, notes, default(TTokens).Count);
            Multiply<TTokens>(task, ring);
            BringTogether<TTokens>(ring.Weights, task, meeting, multipliers);
            var first = task.FirstToken;
            var end = IntrinsicMath.Min(first + (1 << task.ShareShift), task.Rows);
            var pitch = PtxInstructions.Keep(PitchBytes(task.Blocks));
            var sums = sends ? ring.Weights - (uint)(first * pitch) : ring.Weights;
            default(TStore).Store(task, new BatchShare(sums, first, end, pitch, gathers ? task.Splits : 1, scales, notes), ahead);
        }
        if (gathers) PtxInstructions.MeetCluster(); // nobody leaves while another reads its memory
    }

    /// <summary>
    /// Puts sums down in the place of the slots, which nobody needs any more then: those of the group's share of the tokens if the cluster sends them,
    /// else its own of all tokens.
    /// </summary>
    private static void BringTogether<TTokens>(uint sums, BatchProductTask task, BatchMeeting meeting, int multipliers)
        where TTokens : struct, IBatchTokens
    {
        var pitch = PtxInstructions.Keep(PitchBytes(task.Blocks));
        if (BatchMeeting.Takes(default(TTokens).Count, task.Splits))
        {
            default(TTokens).Send(meeting.Sender(task.Split));
            meeting.Take(sums, pitch, task.Blocks);
        }
        else
        {
            PtxInstructions.WaitForFirst(multipliers); // the slowest warpgroup may still read slots
            var lane = Group.IdxX % MatVec.WarpSize;
            default(TTokens).Put(
                sums + (uint)(lane % 4 * 2 * pitch) + (uint)(((Group.IdxX / MatVec.WarpSize * 16) + (lane / 4)) * sizeof(float)), pitch);
        }
        if (BatchGathering.Takes(default(TTokens).Count, task.Splits)) PtxInstructions.MeetCluster();
        else PtxInstructions.WaitForFirst(multipliers);
    }

    /// <summary>The thread that sends for weights; nobody writes them, so that it waits for no kernel.</summary>
    private static void FetchWeights<TWeights>(BatchProductTask task, BatchRing ring) where TWeights : struct, IBatchWeights
    {
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits;
        var slot = ring.FirstWeights(parity: 1u); // a new barrier counts as having ended a phase of parity 1
        for (var slice = 0; slice < task.SlicesOf(split); slice++)
        {
            PtxInstructions.WaitForBarrier(slot.Barrier + 8u, slot.Parity);
            PtxInstructions.ArriveExpecting(slot.Barrier, ring.WeightBytes);
            var column = task.Parts.WeightSlice((split * task.SplitSlices) + slice) * WgmmaProduct.Slice;
            if (slice < task.SplitSlices) default(TWeights).StartWeights(task, slot, tile, column);
            else default(TWeights).StartUpdate(task, slot, tile, slice - task.SplitSlices);
            slot = ring.NextWeights(slot);
        }
    }

    /// <summary>The thread that sends for tokens, which the kernel in front may have written.</summary>
    private static void FetchTokens<TWeights>(BatchProductTask task, BatchRing ring) where TWeights : struct, IBatchWeights
    {
        PtxInstructions.WaitForPrevious();
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits;
        var slot = ring.FirstTokens(parity: 1u);
        for (var slice = 0; slice < task.SlicesOf(split); slice++)
        {
            PtxInstructions.WaitForBarrier(slot.Barrier + 8u, slot.Parity);
            PtxInstructions.ArriveExpecting(slot.Barrier, ring.TokenBytes);
            var updates = slice >= task.SplitSlices;
            var column = updates
                ? default(TWeights).ReducedSlice(task, tile, slice - task.SplitSlices)
                : task.Parts.TokenSlice((split * task.SplitSlices) + slice);
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
            PtxInstructions.FenceProducts();
            default(TTokens).StartSlice(
                ((weights.Memory + block) >> 4) | PtxInstructions.SliceLayout, (tokens.Memory >> 4) | PtxInstructions.SliceLayout);
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
    private static void FindScales<TStore>(BatchProductTask task, Floats scales, Ints notes, int tokens) where TStore : struct, IBatchStore
    {
        if (Group.IdxX >= tokens) return;
        var scale = 1f;
        if (task.Squares != 0 && Group.IdxX < task.Rows)
        {
            var pitch = BatchNext.PitchOf(task.Inner);
            var at = task.Squares + ((ulong)(Group.IdxX * pitch) * sizeof(float));
            var sum = default(Quad);
            // Four loads are on their way at a time.
            for (var i = 0; i < pitch; i += 16)
            {
                var place = at + ((ulong)i * sizeof(float));
                Quad a = PtxInstructions.LoadQuad(place), b = PtxInstructions.LoadQuadBelow(place + Word16.Bytes, i + 4, pitch);
                Quad c = PtxInstructions.LoadQuadBelow(place + (2 * Word16.Bytes), i + 8, pitch);
                var d = PtxInstructions.LoadQuadBelow(place + (3 * Word16.Bytes), i + 12, pitch);
                sum = sum.Plus(a.Plus(b).Plus(c.Plus(d)));
            }
            scale = XMath.Rsqrt(((sum.A + sum.B + sum.C + sum.D) / task.Inner) + task.Epsilon);
        }
        scales[Group.IdxX] = scale;
        notes[Group.IdxX] = Group.IdxX < task.Rows ? default(TStore).NoteOf(task, Group.IdxX) : 0;
    }
}
