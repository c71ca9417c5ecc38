using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// How the groups of a cluster bring the sums of a tile together: each sends every group the sums of that one's share of the tokens, which it adds up
/// always in the same order. Nobody waits for the others to have read anything, and no fence is needed: what is sent counts at a barrier. Sums of more
/// tokens are read instead (<see cref="BatchGathering"/>): so many small messages would take longer than meeting twice.
/// </summary>
/// <param name="Barrier">Where the barrier of what is sent here lies.</param>
/// <param name="Room">Where it goes: [sources, pairs of tokens, quads]; a quad has two tokens and two weight rows, eight apart.</param>
/// <param name="Splits">Groups of the cluster.</param>
/// <param name="ShareShift">log2 of a share's tokens, which are two or more.</param>
/// <param name="PairBytes">From a pair of tokens to the next.</param>
internal readonly record struct BatchMeeting(uint Barrier, uint Room, int Splits, int ShareShift, int PairBytes)
{
    private const int QuadsOfBlock = BatchProduct.BlockRows / 2;
    private const int RowsOfWarp = 16;
    private const int QuadsOfWarp = RowsOfWarp / 2;
    private const int LowerRow = RowsOfWarp / 2 * sizeof(float);

    /// <summary>The most tokens whose sums are sent.</summary>
    public const int MostTokens = 64;

    // So that the four pairs of tokens of a warp fall into different banks.
    private const int PaddingQuads = 2;

    private int SourceBytes => (PairBytes << ShareShift) / 2;

    /// <summary>Whether a cluster sends the sums of so many tokens.</summary>
    public static bool Takes(int tokens, int splits) => tokens <= MostTokens && splits > 1;

    /// <summary>Bytes of what is sent to a group, in shared memory in front of the ring's slots.</summary>
    public static int RoomBytes(int tokens, int blocks, int splits) =>
        Takes(tokens, splits) ? ((tokens / 2 * PairBytesOf(blocks)) + 1023) & ~1023 : 0;

    /// <summary>Bytes of sums in the place of the ring's slots: of the group's share of what is sent, else of all tokens.</summary>
    public static int SumBytes(int tokens, int blocks, int splits) =>
        (Takes(tokens, splits) ? tokens / splits : tokens) * BatchProduct.PitchBytes(blocks);

    /// <summary>The meeting of a launch.</summary>
    /// <param name="memory">Where the launch's shared memory starts.</param>
    /// <param name="task">The launch.</param>
    public static BatchMeeting Of(uint memory, BatchProductTask task) => new(
        memory + BatchRing.MeetingBarrier, memory + BatchRing.BarrierRoom, task.Splits, task.ShareShift, PairBytesOf(task.Blocks));

    /// <summary>Makes the barrier; one thread calls.</summary>
    /// <param name="tokens">Tokens of the tile.</param>
    /// <param name="blocks">Warpgroups of the group.</param>
    public void Initialise(int tokens, int blocks)
    {
        PtxInstructions.InitialiseBarrier(Barrier, 1);
        PtxInstructions.ShowBarriers();
        PtxInstructions.ArriveExpecting(Barrier, tokens * blocks * BatchProduct.BlockRows * sizeof(float));
    }

    /// <summary>What sends a thread's sums to those who add them up.</summary>
    /// <param name="split">The group's place in the cluster.</param>
    public SendBatchSums Sender(int split)
    {
        var lane = Group.IdxX % MatVec.WarpSize;
        var quad = (Group.IdxX / MatVec.WarpSize * QuadsOfWarp) + (lane / 4);
        return new SendBatchSums(this, Room + (uint)((split * SourceBytes) + (quad * Word16.Bytes)), lane % 4 * 2);
    }

    /// <summary>Waits for what the cluster has sent, and adds it up. Whoever has sent everything needs its slots no more.</summary>
    /// <param name="sums">Where the sums of the share's first token go.</param>
    /// <param name="pitch">Bytes from a token to the next; weight rows are neighbours.</param>
    /// <param name="blocks">Warpgroups of the group, all of whose threads call.</param>
    public void Take(uint sums, int pitch, int blocks)
    {
        const int PairsAtOnce = BatchProduct.WarpgroupSize / QuadsOfBlock;
        var quads = blocks * QuadsOfBlock;
        int quad = Group.IdxX % quads, row = (quad / QuadsOfWarp * RowsOfWarp) + (quad % QuadsOfWarp);
        var from = Room + (uint)(quad * Word16.Bytes);
        var to = sums + (uint)(row * sizeof(float));
        PtxInstructions.WaitForSent(Barrier, 0);
        for (var pair = Group.IdxX / quads; pair < 1 << ShareShift >> 1; pair += PairsAtOnce)
        {
            var sum = Sum(from + (uint)(pair * PairBytes));
            uint first = to + (uint)(2 * pair * pitch), second = first + (uint)pitch;
            PtxInstructions.StoreShared(first, sum.A);
            PtxInstructions.StoreShared(second, sum.B);
            PtxInstructions.StoreShared(first + LowerRow, sum.C);
            PtxInstructions.StoreShared(second + LowerRow, sum.D);
        }
    }

    private static int PairBytesOf(int blocks) => ((blocks * QuadsOfBlock) + PaddingQuads) * Word16.Bytes;

    private Quad Sum(uint at)
    {
        if (Splits == 2) return Two(at, 0);
        return Splits == 4 ? Four(at, 0) : Four(at, 0).Plus(Four(at, 4));
    }

    private Quad Two(uint at, int source) => From(at, source).Plus(From(at, source + 1));

    // All that is read is on its way before the first of it is added.
    private Quad Four(uint at, int source)
    {
        Quad first = From(at, source), second = From(at, source + 1), third = From(at, source + 2), fourth = From(at, source + 3);
        return first.Plus(second).Plus(third.Plus(fourth));
    }

    private Quad From(uint at, int source) => PtxInstructions.LoadSharedQuad(at + (uint)(source * SourceBytes));
}

/// <summary>Sends the sums of 16 tokens: of every eight a thread has two neighbouring tokens of a weight row and of the one 8 below.</summary>
/// <param name="Meeting">Where to.</param>
/// <param name="Place">Where the thread's quad of a share's first pair of tokens goes.</param>
/// <param name="FirstToken">The first of the thread's tokens of the first eight.</param>
internal readonly record struct SendBatchSums(BatchMeeting Meeting, uint Place, int FirstToken) : IStripVisitor
{
    public void Visit(int strip)
    {
        Send(2 * strip);
        Send((2 * strip) + 1);
    }

    private void Send(int block)
    {
        var token = FirstToken + (8 * block);
        int rank = token >> Meeting.ShareShift, pair = (token & ((1 << Meeting.ShareShift) - 1)) / 2;
        PtxInstructions.SendQuad(
            PtxInstructions.InGroup(Place + (uint)(pair * Meeting.PairBytes), rank), PtxInstructions.Sum(4 * block),
            PtxInstructions.Sum((4 * block) + 1), PtxInstructions.Sum((4 * block) + 2), PtxInstructions.Sum((4 * block) + 3),
            PtxInstructions.InGroup(Meeting.Barrier, rank));
    }
}
