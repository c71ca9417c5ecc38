using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Hopper: attention of a warpgroup over tiles of 128 entries, headDim 128. Scores and sums are registers with names, so that products can work on
/// them while the threads go on. Of both, thread t has rows t / 32 * 16 + t % 32 / 4 (upper) and the one 8 below (lower); of each 8 columns the
/// letters are: a, b columns 2 (t % 4) and the next of the upper row, c, d those of the lower. The host cannot run these.
/// </summary>
internal static partial class PtxInstructions
{
    private const string Scores = "{$each(15,sa#,sb#,sc#,sd#, )sa15,sb15,sc15,sd15}";
    private const string Sums = "{$each(15,oa#,ob#,oc#,od#, )oa15,ob15,oc15,od15}";
    private const string Product = "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 ";
    private const string NextScores = "add.s64 a, a, 2; add.s64 b, b, 2; " + Product + Scores + ", a, b, yes, 1, 1, 0, 0; ";
    private const string NextSums = "add.s64 b, b, 128; " + Product + Sums + ", ";
    private const string EndSums = "}, b, yes, 1, 1, 1; ";

    /// <summary>Declares scores, sums (zero) and weights. Once, at the beginning of a kernel.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "$each(16,.reg .f32 sa#, sb#, sc#, sd#, oa#, ob#, oc#, od#; .reg .b32 pu#, pl#; mov.f32 oa#, 0f00000000; mov.f32 ob#, 0f00000000; "
        + "mov.f32 oc#, 0f00000000; mov.f32 od#, 0f00000000; )")]
    public static void DeclareAttention() => throw HopperOnly();

    /// <summary>Starts: scores = q k^T, q [64, 128] and k [128, 128] in shared memory, both as two halves of 64 columns.</summary>
    /// <param name="query">Descriptor of q's left half.</param>
    /// <param name="key">Descriptor of k's left half.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred yes, no; .reg .b64 a, b; setp.eq.b32 yes, 0, 0; setp.ne.b32 no, 0, 0; mov.b64 a, $0; mov.b64 b, $1; "
        + Product + Scores + ", a, b, no, 1, 1, 0, 0; " + NextScores + NextScores + NextScores
        + "add.s64 a, $0, 512; add.s64 b, $1, 1024; " + Product + Scores + ", a, b, yes, 1, 1, 0, 0; " + NextScores + NextScores + NextScores + "}")]
    public static void StartScores(ulong query, ulong key) => throw HopperOnly();

    /// <summary>Starts: sums += weights v, v [128, 128] in shared memory as two halves of 64 columns.</summary>
    /// <param name="value">Descriptor of v's left half, columns running fastest.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred yes; .reg .b64 b; setp.eq.b32 yes, 0, 0; mov.b64 b, $0; " + Product + Sums + ", {pu0,pl0,pu1,pl1" + EndSums
        + NextSums + "{pu2,pl2,pu3,pl3" + EndSums + NextSums + "{pu4,pl4,pu5,pl5" + EndSums + NextSums + "{pu6,pl6,pu7,pl7" + EndSums
        + NextSums + "{pu8,pl8,pu9,pl9" + EndSums + NextSums + "{pu10,pl10,pu11,pl11" + EndSums + NextSums + "{pu12,pl12,pu13,pl13" + EndSums
        + NextSums + "{pu14,pl14,pu15,pl15" + EndSums + "}")]
    public static void StartSums(ulong value) => throw HopperOnly();

    /// <summary>Scores of columns from a count on become minus infinity.</summary>
    /// <param name="upper">Columns that the upper row keeps, less the thread's first column.</param>
    /// <param name="lower">The same of the lower row.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred keep; $each(16,setp.gt.s32 keep, $0, 8*#; selp.f32 sa#, sa#, 0fFF800000, keep; setp.gt.s32 keep, $0, 8*#+1; "
        + "selp.f32 sb#, sb#, 0fFF800000, keep; setp.gt.s32 keep, $1, 8*#; selp.f32 sc#, sc#, 0fFF800000, keep; setp.gt.s32 keep, $1, 8*#+1; "
        + "selp.f32 sd#, sd#, 0fFF800000, keep; )}")]
    public static void MaskScores(int upper, int lower) => throw HopperOnly();

    /// <summary>The largest of the thread's scores of the upper row, and of a number.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 m, n; max.f32 m, $0, sa0; mov.f32 n, sb0; $each(16,max.f32 m, m, sa#; max.f32 n, n, sb#; )max.f32 $r, m, n; }")]
    public static float LargestUpper(float largest) => throw HopperOnly();

    /// <summary>The largest of the thread's scores of the lower row, and of a number.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 m, n; max.f32 m, $0, sc0; mov.f32 n, sd0; $each(16,max.f32 m, m, sc#; max.f32 n, n, sd#; )max.f32 $r, m, n; }")]
    public static float LargestLower(float largest) => throw HopperOnly();

    /// <summary>Every score becomes 2^(score * scale - row's).</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 u, l; neg.f32 u, $0; neg.f32 l, $1; $each(16,fma.rn.f32 sa#, sa#, $2, u; fma.rn.f32 sb#, sb#, $2, u; fma.rn.f32 sc#, sc#, $2, l; "
        + "fma.rn.f32 sd#, sd#, $2, l; ex2.approx.ftz.f32 sa#, sa#; ex2.approx.ftz.f32 sb#, sb#; ex2.approx.ftz.f32 sc#, sc#; "
        + "ex2.approx.ftz.f32 sd#, sd#; )}")]
    public static void ExponentiateScores(float upper, float lower, float scale) => throw HopperOnly();

    /// <summary>The sum of the thread's scores of the upper row, and of a number.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 m, n; mov.f32 m, $0; mov.f32 n, 0f00000000; $each(16,add.f32 m, m, sa#; add.f32 n, n, sb#; )add.f32 $r, m, n; }")]
    public static float AddUpper(float sum) => throw HopperOnly();

    /// <summary>The sum of the thread's scores of the lower row, and of a number.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 m, n; mov.f32 m, $0; mov.f32 n, 0f00000000; $each(16,add.f32 m, m, sc#; add.f32 n, n, sd#; )add.f32 $r, m, n; }")]
    public static float AddLower(float sum) => throw HopperOnly();

    /// <summary>The scores become weights of the next <see cref="StartSums"/>, as bf16.</summary>
    [IntrinsicImplementation, PtxTemplate("$each(16,cvt.rn.bf16x2.f32 pu#, sb#, sa#; cvt.rn.bf16x2.f32 pl#, sd#, sc#; )")]
    public static void WeighByScores() => throw HopperOnly();

    /// <summary>Multiplies the sums of both rows.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "$each(16,mul.f32 oa#, oa#, $0; mul.f32 ob#, ob#, $0; mul.f32 oc#, oc#, $1; mul.f32 od#, od#, $1; )")]
    public static void ScaleSums(float upper, float lower) => throw HopperOnly();

    /// <summary>
    /// Stores the sums of the upper row as f32 from an address on, the thread's pair of each 8 columns, if <paramref name="really"/> is not 0.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .pred p; setp.ne.s32 p, $1, 0; $each(16,@p st.global.v2.f32 [$0+32*#], {oa#, ob#}; )}")]
    public static void StoreUpper(ulong address, int really) => throw HopperOnly();

    /// <summary>The same of the lower row.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .pred p; setp.ne.s32 p, $1, 0; $each(16,@p st.global.v2.f32 [$0+32*#], {oc#, od#}; )}")]
    public static void StoreLower(ulong address, int really) => throw HopperOnly();

    /// <summary>Stores the sums of the upper row as bf16.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred p; .reg .b32 w; setp.ne.s32 p, $1, 0; $each(16,cvt.rn.bf16x2.f32 w, ob#, oa#; @p st.global.b32 [$0+16*#], w; )}")]
    public static void StoreUpperBfloat16(ulong address, int really) => throw HopperOnly();

    /// <summary>The same of the lower row.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred p; .reg .b32 w; setp.ne.s32 p, $1, 0; $each(16,cvt.rn.bf16x2.f32 w, od#, oc#; @p st.global.b32 [$0+16*#], w; )}")]
    public static void StoreLowerBfloat16(ulong address, int really) => throw HopperOnly();
}
