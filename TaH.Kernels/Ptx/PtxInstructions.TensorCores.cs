using ILGPU;
using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Tensor cores and asynchronous copies of Ampere and newer. Addresses of shared memory are offsets in it.</summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>The value, computed where the call stands: ILGPU moves what a loop only reads into the loop, even divisions.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b32 $r, $0;")]
    public static int Keep(int value) => value;

    /// <summary>Two floats rounded to bf16, ties to even: <paramref name="low"/> in the lower half.</summary>
    [IntrinsicImplementation, PtxTemplate("cvt.rn.bf16x2.f32 $r, $1, $0;")]
    public static uint PackBfloat16(float low, float high) =>
        default(Bfloat16Format).Narrow(low) | ((uint)default(Bfloat16Format).Narrow(high) << 16);

    /// <summary>silu(gate) = gate / (1 + exp(-gate)); the exponential and the quotient are approximate, good to 2^-21.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 e; mul.f32 e, $0, 0fBFB8AA3B; ex2.approx.f32 e, e; add.f32 e, e, 0f3F800000; div.approx.f32 $r, $0, e; }")]
    public static float Silu(float gate) => gate / (1f + MathF.Exp(-gate));

    /// <summary>Starts a copy of 16 bytes into shared memory, zeros if <paramref name="bytes"/> is 0 instead of 16. Addresses are multiples of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.cg.shared.global.L2::128B [$0], [$1], 16, $2;")]
    public static void StartCopy(ulong shared, ulong global, int bytes) => *(Word16*)shared = bytes == 0 ? default : *(Word16*)global;

    /// <summary>Makes the copies since the last call one batch.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.commit_group;")]
    public static void CloseCopies()
    {
    }

    /// <summary>Waits until all of the thread's batches but the last one have arrived.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.wait_group 1;")]
    public static void WaitForCopiesButOne()
    {
    }

    /// <summary>
    /// Four matrices of 8 x 8 elements of 16 bits from shared memory: threads 8 m to 8 m + 7 of the warp give the addresses of the rows of matrix m, each
    /// gets the pair of columns 2 (lane % 4) of row lane / 4.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadMatrices(ulong row)
    {
        int of = Warp.LaneIdx / 4, at = Warp.LaneIdx % 4 * sizeof(uint);
        ulong a = Warp.Shuffle(row, of), b = Warp.Shuffle(row, of + 8), c = Warp.Shuffle(row, of + 16), d = Warp.Shuffle(row, of + 24);
        return new Word16(*(uint*)(a + (ulong)at), *(uint*)(b + (ulong)at), *(uint*)(c + (ulong)at), *(uint*)(d + (ulong)at));
    }

    /// <summary>
    /// sums + a b of the warp, a [16, 16] and b [16, 8] of bf16: of the sums a thread has row lane / 4 and the row 8 below, columns 2 (lane % 4) and the next.
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

    /// <summary>Two floats to global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v2.f32 [$0], {$1, $2};")]
    public static void StorePair(ulong address, float first, float second)
    {
        ((float*)address)[0] = first;
        ((float*)address)[1] = second;
    }

    /// <summary>The two floats at an address that is a multiple of 8, of which nobody writes while the kernel runs.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadPair(ulong address) => *(FloatPair*)address;

    /// <summary>Four bytes to global memory. The address is a multiple of 4.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.u32 [$0], $1;")]
    public static void StoreBits(ulong address, uint bits) => *(uint*)address = bits;

    /// <summary>Two floats of global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadChangingPair(ulong address) => *(FloatPair*)address;

    /// <summary>Sixteen bytes to global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v4.u32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreWord(ulong address, Word16 word) => *(Word16*)address = word;

    // Bodies of intrinsics run on the host only.
    private static float DotBfloat16(uint left, uint right) =>
        (Interop.IntAsFloat(left << 16) * Interop.IntAsFloat(right << 16))
        + (Interop.IntAsFloat(left & 0xffff0000u) * Interop.IntAsFloat(right & 0xffff0000u));
}

/// <summary>Two neighbouring floats.</summary>
internal readonly record struct FloatPair(float First, float Second);
