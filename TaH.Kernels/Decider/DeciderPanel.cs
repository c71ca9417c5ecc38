using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>x in shared memory, row after row, for <see cref="DeciderResident"/>. All threads of the group call each method.</summary>
internal static class DeciderPanel
{
    private const float Epsilon = 1e-5f; // of every LayerNorm, as in torch.nn.LayerNorm

    /// <summary>Brings a panel of the decider's input, four quads on their way to every thread at a time.</summary>
    public static void Stage(DeciderStates states, DeciderPhase phase, Floats panel, int from, int rows)
    {
        int quads = QuadsOf(phase, from), first = from * 2, all = rows * quads, step = Group.DimX;
        for (var i = Group.IdxX; i < all; i += 4 * step)
        {
            var quad0 = Load(states, i, quads, first, all);
            var quad1 = Load(states, i + step, quads, first, all);
            var quad2 = Load(states, i + (2 * step), quads, first, all);
            var quad3 = Load(states, i + (3 * step), quads, first, all);
            Store(phase, panel, i, quads, all, quad0);
            Store(phase, panel, i + step, quads, all, quad1);
            Store(phase, panel, i + (2 * step), quads, all, quad2);
            Store(phase, panel, i + (3 * step), quads, all, quad3);
        }
    }

    /// <summary>Brings a panel of what an earlier product makes, as it comes.</summary>
    public static void Stage(DeciderPhase phase, Floats panel, int from, uint tag, int rows)
    {
        var quads = QuadsOf(phase, from);
        for (var i = Group.IdxX; i < rows * quads; i += Group.DimX)
        {
            var cell = phase.Source + phase.SourceCell(i / quads, (from * MatVecTask.Octet) + (i % quads * 4));
            Store(phase, panel, i, quads, rows * quads, PtxInstructions.LoadTaggedQuad(cell, tag));
        }
    }

    /// <summary>Brings all of what an earlier product makes and puts the phase's LayerNorm on it.</summary>
    public static void StageNormalized(DeciderPhase phase, Floats panel, Floats moments, uint tag, int rows)
    {
        int quads = phase.Inner / 4, all = rows * quads, warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        // On their way while x comes; there are seldom more quads than threads.
        Quad gain = default, shift = default;
        if (Group.IdxX < all)
        {
            gain = PtxInstructions.LoadQuad(phase.Gain + (ulong)(Group.IdxX % quads * Word16.Bytes));
            shift = PtxInstructions.LoadQuad(phase.Shift + (ulong)(Group.IdxX % quads * Word16.Bytes));
        }
        Stage(phase, panel, 0, tag, rows);
        Group.Barrier();
        for (var row = warp; row < rows; row += Group.DimX / MatVec.WarpSize)
        {
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
            if (lane != 0) continue;
            moments[2 * row] = mean;
            moments[(2 * row) + 1] = XMath.Rsqrt((squares / phase.Inner) + Epsilon);
        }
        Group.Barrier();
        for (var i = Group.IdxX; i < all; i += Group.DimX)
        {
            if (i >= Group.DimX)
            {
                gain = PtxInstructions.LoadQuad(phase.Gain + (ulong)(i % quads * Word16.Bytes));
                shift = PtxInstructions.LoadQuad(phase.Shift + (ulong)(i % quads * Word16.Bytes));
            }
            int row = i / quads;
            var at = AddressOf(phase, panel, row, i % quads);
            var normed = Less(PtxInstructions.LoadSharedQuad(at), moments[2 * row]).Times(gain).TimesPlus(moments[(2 * row) + 1], shift);
            PtxInstructions.StoreSharedQuad(at, normed);
        }
    }

    /// <summary>Quads of a row in the panel that starts with an octet.</summary>
    private static int QuadsOf(DeciderPhase phase, int from) => 2 * IntrinsicMath.Min(phase.PanelOctets, phase.Octets - from);

    private static Quad Load(DeciderStates states, int i, int quads, int first, int all) =>
        i < all ? states.Load(i / quads, 4 * (first + (i % quads))) : default;

    private static void Store(DeciderPhase phase, Floats panel, int i, int quads, int all, Quad four)
    {
        if (i < all) PtxInstructions.StoreSharedQuad(AddressOf(phase, panel, i / quads, i % quads), four);
    }

    private static ulong AddressOf(DeciderPhase phase, Floats panel, int row, int quad) =>
        PtxInstructions.AddressOf(ref panel[(row * phase.PanelOctets * MatVecTask.Octet) + (4 * quad)]);

    private static Quad Less(Quad four, float mean) => new(four.A - mean, four.B - mean, four.C - mean, four.D - mean);
}
