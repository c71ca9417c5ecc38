using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>x in shared memory, row after row, for <see cref="DeciderResident"/>. All threads of the group call each method.</summary>
internal static class DeciderPanel
{
    /// <summary>Brings some of the decider's input: hidden states, two quads on their way to every thread at a time, or the top logits.</summary>
    /// <param name="states">The input.</param>
    /// <param name="phase">The first product.</param>
    /// <param name="panel">Written.</param>
    /// <param name="from">The panel's first octet.</param>
    /// <param name="firstRow">The first of the head rows.</param>
    /// <param name="rows">How many.</param>
    public static void StageInput(DeciderStates states, DeciderPhase phase, Floats panel, int from, int firstRow, int rows)
    {
        int quads = QuadsOf(phase, from), step = Group.DimX;
        for (var row = 0; row < rows; row++)
        {
            if (from >= phase.StateOctets)
            {
                // Zeros behind the last of them, up to a whole octet.
                for (var i = Group.IdxX; i < 4 * quads; i += step)
                    panel[(row * phase.PanelOctets * MatVecTask.Octet) + i] =
                        states.Top(firstRow + row, ((from - phase.StateOctets) * MatVecTask.Octet) + i);
                continue;
            }
            for (var quad = Group.IdxX; quad < quads; quad += 2 * step)
            {
                var four = states.Load(firstRow + row, 4 * ((2 * from) + quad));
                var other = quad + step < quads ? states.Load(firstRow + row, 4 * ((2 * from) + quad + step)) : default;
                PtxInstructions.StoreSharedQuad(AddressOf(phase, panel, row, quad), four);
                if (quad + step < quads) PtxInstructions.StoreSharedQuad(AddressOf(phase, panel, row, quad + step), other);
            }
        }
    }

    /// <summary>Brings some of what an earlier product makes, as it comes; or all of it, with the phase's LayerNorm on it.</summary>
    /// <param name="task">Where the group's inbox is.</param>
    /// <param name="phase">The product that needs it.</param>
    /// <param name="panel">Written.</param>
    /// <param name="moments">Room for the moments of every row.</param>
    /// <param name="from">The panel's first octet.</param>
    /// <param name="tag">The launch's tag.</param>
    /// <param name="group">The group within its team.</param>
    /// <param name="firstRow">The first of the head rows.</param>
    /// <param name="rows">How many: at most four.</param>
    public static void Stage(
        DeciderTask task, DeciderPhase phase, Floats panel, Floats moments, int from, uint tag, int group, int firstRow, int rows)
    {
        int quads = QuadsOf(phase, from), all = rows * quads;
        // On their way while x comes; there are seldom more quads than threads.
        Quad gain = default, shift = default;
        if (phase.Gain != 0 && Group.IdxX < all) (gain, shift) = (Load(phase.Gain, Group.IdxX, quads), Load(phase.Shift, Group.IdxX, quads));
        for (var i = Group.IdxX; i < all; i += Group.DimX)
        {
            int row = RowOf(i, quads), quad = i - (row * quads);
            var cell = task.OwnCell(group, phase.Source.Cell + ((firstRow + row) * phase.Inner) + (from * MatVecTask.Octet) + (4 * quad));
            PtxInstructions.StoreSharedQuad(
                AddressOf(phase, panel, row, quad), PtxInstructions.LoadTaggedQuad(cell, tag + (uint)phase.Source.Product));
        }
        if (phase.Gain == 0) return;
        Group.Barrier();
        FindMoments(phase, panel, moments, rows, quads);
        Group.Barrier();
        for (var i = Group.IdxX; i < all; i += Group.DimX)
        {
            if (i >= Group.DimX) (gain, shift) = (Load(phase.Gain, i, quads), Load(phase.Shift, i, quads));
            var row = RowOf(i, quads);
            var at = AddressOf(phase, panel, row, i - (row * quads));
            var normed = Less(PtxInstructions.LoadSharedQuad(at), moments[2 * row]).Times(gain).TimesPlus(moments[(2 * row) + 1], shift);
            PtxInstructions.StoreSharedQuad(at, normed);
        }
    }

    /// <summary>Mean and reciprocal deviation of every row, each by a warp.</summary>
    private static void FindMoments(DeciderPhase phase, Floats panel, Floats moments, int rows, int quads)
    {
        int row = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        if (row >= rows) return;
        var sum = 0f;
        for (var quad = lane; quad < quads; quad += MatVec.WarpSize)
        {
            var four = PtxInstructions.LoadSharedQuad(AddressOf(phase, panel, row, quad));
            sum += four.A + four.B + (four.C + four.D);
        }
        var mean = WarpReduce.Sum(sum) / phase.Inner;
        var squares = 0f;
        for (var quad = lane; quad < quads; quad += MatVec.WarpSize)
            squares += Less(PtxInstructions.LoadSharedQuad(AddressOf(phase, panel, row, quad)), mean).Squares();
        squares = WarpReduce.Sum(squares);
        if (lane != 0) return;
        moments[2 * row] = mean;
        moments[(2 * row) + 1] = XMath.Rsqrt((squares / phase.Inner) + DeciderNorm.Epsilon);
    }

    /// <summary>The quad of a LayerNorm's parameter that the i-th of the rows' quads meets.</summary>
    private static Quad Load(ulong parameter, int i, int quads) =>
        PtxInstructions.LoadQuad(parameter + (ulong)((i - (RowOf(i, quads) * quads)) * Word16.Bytes));

    /// <summary>Quads of a row in the panel that starts with an octet.</summary>
    private static int QuadsOf(DeciderPhase phase, int from) => 2 * (phase.EndOfPanel(from) - from);

    /// <summary>i / quads, of four rows at the most.</summary>
    private static int RowOf(int i, int quads) => (i >= quads ? 1 : 0) + (i >= 2 * quads ? 1 : 0) + (i >= 3 * quads ? 1 : 0);

    private static ulong AddressOf(DeciderPhase phase, Floats panel, int row, int quad) =>
        PtxInstructions.AddressOf(ref panel[(row * phase.PanelOctets * MatVecTask.Octet) + (4 * quad)]);

    private static Quad Less(Quad four, float mean) => new(four.A - mean, four.B - mean, four.C - mean, four.D - mean);
}
