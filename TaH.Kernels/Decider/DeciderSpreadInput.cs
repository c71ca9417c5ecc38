using ILGPU;

namespace TaH.Kernels;

/// <summary>The first x of <see cref="DeciderSpread"/>: from hidden states while the kernel in front makes the top logits, then from those.</summary>
internal static class DeciderSpreadInput
{
    private const int Ahead = 4;

    /// <summary>Makes the group's elements and sends them to all.</summary>
    /// <param name="states">The input.</param>
    /// <param name="task">The weights.</param>
    /// <param name="cells">Where to.</param>
    /// <param name="parts">Room for the warps' parts.</param>
    /// <returns>The launch's tag.</returns>
    public static uint Send(DeciderStates states, DeciderSpreadTask task, DeciderSpreadCells cells, Floats parts)
    {
        var launch = SharedMemory.Allocate<int>(1);
        var thread = Group.IdxX;
        var owned = cells.Owns ? DeciderSpread.Owned * Grid.IdxX : 0;
        var weight = task.First + ((ulong)owned * task.FirstRowBytes);
        var ahead = cells.Owns ? FourSums.OverWarp(SumStates(states, task, weight)) : 0f;
        Prefetch(task);
        var column = weight + ((ulong)(task.Features + IntrinsicMath.Min(thread, states.TopK - 1)) * sizeof(float));
        var top = new Quad(
            PtxInstructions.LoadFloatAhead(column), PtxInstructions.LoadFloatAhead(column + task.FirstRowBytes),
            PtxInstructions.LoadFloatAhead(column + (2 * task.FirstRowBytes)), PtxInstructions.LoadFloatAhead(column + (3 * task.FirstRowBytes)));
        if (thread < MatVec.WarpSize) ahead += PtxInstructions.LoadFloatAhead(task.FirstBias + ((ulong)(owned + FourSums.Place) * sizeof(float)));
        var logit = PtxInstructions.KeepAddress(states.AddressOfTop(0, thread)); // tables of the pass were there before it
        Group.Barrier();
        PtxInstructions.WaitForPrevious();
        // Not sooner: a draw behind reads the top logits without waiting for the decision.
        PtxInstructions.LetNextStart();
        var number = thread == 0 ? PtxInstructions.LoadInt(task.Launches) : 0;
        var part = FourSums.OverWarp(thread < states.TopK ? top.Scaled(PtxInstructions.LoadFloat(logit)) : default) + ahead;
        if (FourSums.Writes) parts[(thread / MatVec.WarpSize * DeciderSpread.Owned) + FourSums.Place] = part;
        if (thread == 0) launch[0] = number;
        Group.Barrier();
        var tag = (uint)launch[0] * DeciderSpread.TagsOfLaunch;
        if (thread < cells.Readers) DeciderSpread.SendOwned(cells, parts, tag + 1u);
        // Every group that counts has read the number of the launch; the last of them makes it one more.
        if (thread == DeciderSpread.GroupSize - 1 && PtxInstructions.CountUp(task.Launches + sizeof(int)) == task.Groups - 1)
            PtxInstructions.StoreUIntPair(task.Launches, (uint)launch[0] + 1u, 0u);
        return tag;
    }

    /// <summary>The thread's part of what the hidden states add to the group's elements; a few of its quads are on their way at a time.</summary>
    private static Quad SumStates(DeciderStates states, DeciderSpreadTask task, ulong weight)
    {
        var quads = task.Features / 4;
        var sums = default(Quad);
        for (var quad = Group.IdxX; quad < quads; quad += Ahead * DeciderSpread.GroupSize)
        {
            var step0 = new Step(states, task, weight, quad, quads);
            var step1 = new Step(states, task, weight, quad + DeciderSpread.GroupSize, quads);
            var step2 = new Step(states, task, weight, quad + (2 * DeciderSpread.GroupSize), quads);
            var step3 = new Step(states, task, weight, quad + (3 * DeciderSpread.GroupSize), quads);
            sums = step3.AddTo(step2.AddTo(step1.AddTo(step0.AddTo(sums))));
        }
        return sums;
    }

    /// <summary>Sends the group's weights of every block to the L2 cache.</summary>
    private static void Prefetch(DeciderSpreadTask task)
    {
        for (var block = 0; block < task.Blocks; block++)
        {
            var share = task.Share(block, Grid.IdxX);
            for (var at = Group.IdxX * PtxInstructions.LineBytes; at < task.ShareBytes; at += DeciderSpread.GroupSize * PtxInstructions.LineBytes)
                PtxInstructions.PrefetchLine(share + (ulong)at);
        }
    }

    /// <summary>Four neighbouring elements of a hidden state, and what they meet in four rows of weights.</summary>
    private readonly struct Step
    {
        private readonly Quad _x;
        private readonly Quad _a;
        private readonly Quad _b;
        private readonly Quad _c;
        private readonly Quad _d;

        public Step(DeciderStates states, DeciderSpreadTask task, ulong weight, int quad, int quads)
        {
            _x = states.LoadAhead(0, 4 * IntrinsicMath.Min(quad, quads - 1));
            var at = weight + ((ulong)quad * Word16.Bytes);
            _a = PtxInstructions.LoadQuadBelow(at, quad, quads);
            _b = PtxInstructions.LoadQuadBelow(at + task.FirstRowBytes, quad, quads);
            _c = PtxInstructions.LoadQuadBelow(at + (2 * task.FirstRowBytes), quad, quads);
            _d = PtxInstructions.LoadQuadBelow(at + (3 * task.FirstRowBytes), quad, quads);
        }

        public Quad AddTo(Quad sums) => new(_x.AddDot(_a, sums.A), _x.AddDot(_b, sums.B), _x.AddDot(_c, sums.C), _x.AddDot(_d, sums.D));
    }
}
