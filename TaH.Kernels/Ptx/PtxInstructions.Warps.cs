using ILGPU;
using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Products of a warp on tensor cores, Ampere and newer, and how matrices come to registers and go.</summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>
    /// Four matrices of 8 x 8 elements of 16 bits from shared memory: threads 8 m to 8 m + 7 of the warp give the addresses of the rows of matrix m,
    /// each gets the pair of columns 2 (lane % 4) of row lane / 4.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadMatrices(ulong row)
    {
        int of = Warp.LaneIdx / 4, at = Warp.LaneIdx % 4 * sizeof(uint);
        ulong a = Warp.Shuffle(row, of), b = Warp.Shuffle(row, of + 8), c = Warp.Shuffle(row, of + 16), d = Warp.Shuffle(row, of + 24);
        return new Word16(*(uint*)(a + (ulong)at), *(uint*)(b + (ulong)at), *(uint*)(c + (ulong)at), *(uint*)(d + (ulong)at));
    }

    /// <summary>As <see cref="LoadMatrices"/>, but each thread gets rows 2 (lane % 4) and the next of column lane / 4.</summary>
    [IntrinsicImplementation, PtxTemplate("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadMatricesAcross(ulong row)
    {
        int of = Warp.LaneIdx % 4 * 2, at = Warp.LaneIdx / 4 * sizeof(ushort);
        return new Word16(PairBelow(row, of, at), PairBelow(row, of + 8, at), PairBelow(row, of + 16, at), PairBelow(row, of + 24, at));
    }

    /// <summary>The counterpart of <see cref="LoadMatrices"/>.</summary>
    [IntrinsicImplementation, PtxTemplate("stmatrix.sync.aligned.m8n8.x4.shared.b16 [$0], {$1,$2,$3,$4};")]
    public static void StoreMatrices(uint row, uint a, uint b, uint c, uint d) => throw HopperOnly();

    /// <summary>
    /// sums + a b of the warp, a [16, 16] and b [16, 8] of bf16: of the sums a thread has row lane / 4 and the row 8 below, columns 2 (lane % 4) and
    /// the next.
    /// </summary>
    /// <param name="sums">[16, 8], two columns of the upper row, two of the lower.</param>
    /// <param name="a">What <see cref="LoadMatrices"/> gives for the upper left, lower left, upper right and lower right quarter.</param>
    /// <param name="upper">Of b, rows 2 (lane % 4) and the next of column lane / 4.</param>
    /// <param name="lower">The same 8 rows below.</param>
    [IntrinsicImplementation, PtxTemplate(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$r.0,$r.1,$r.2,$r.3}, {$1.0,$1.1,$1.2,$1.3}, {$2,$3}, {$0.0,$0.1,$0.2,$0.3};")]
    public static Quad MultiplyBfloat16(Quad sums, Word16 a, uint upper, uint lower)
    {
        int row = Warp.LaneIdx / 4 * 4, column = Warp.LaneIdx % 4 * 8;
        for (var part = 0; part < 4; part++)
        {
            uint a0 = Warp.Shuffle(a.A, row + part), a1 = Warp.Shuffle(a.B, row + part);
            uint a2 = Warp.Shuffle(a.C, row + part), a3 = Warp.Shuffle(a.D, row + part);
            uint left0 = Warp.Shuffle(upper, column + part), left1 = Warp.Shuffle(lower, column + part);
            uint right0 = Warp.Shuffle(upper, column + 4 + part), right1 = Warp.Shuffle(lower, column + 4 + part);
            sums = new Quad(
                sums.A + DotBfloat16(a0, left0) + DotBfloat16(a2, left1), sums.B + DotBfloat16(a0, right0) + DotBfloat16(a2, right1),
                sums.C + DotBfloat16(a1, left0) + DotBfloat16(a3, left1), sums.D + DotBfloat16(a1, right0) + DotBfloat16(a3, right1));
        }
        return sums;
    }

    // Bodies of intrinsics run on the host only.
    private static uint PairBelow(ulong row, int of, int at)
    {
        ulong upper = Warp.Shuffle(row, of), lower = Warp.Shuffle(row, of + 1);
        return *(ushort*)(upper + (ulong)at) | ((uint)*(ushort*)(lower + (ulong)at) << 16);
    }

    private static float DotBfloat16(uint left, uint right) =>
        (Interop.IntAsFloat(left << 16) * Interop.IntAsFloat(right << 16))
        + (Interop.IntAsFloat(left & 0xffff0000u) * Interop.IntAsFloat(right & 0xffff0000u));
}
