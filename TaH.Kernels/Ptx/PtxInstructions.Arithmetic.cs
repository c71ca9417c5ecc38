using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Arithmetic and conversions.</summary>
internal static partial class PtxInstructions
{
    /// <summary>left * right + sum, rounded once.</summary>
    [IntrinsicImplementation, PtxTemplate("fma.rn.f32 $r, $0, $1, $2;")]
    public static float MultiplyAdd(float left, float right, float sum) => (left * right) + sum;

    /// <summary>2 to the power of x, off by two units in the last place at most.</summary>
    [IntrinsicImplementation, PtxTemplate("ex2.approx.ftz.f32 $r, $0;")]
    public static float Exp2(float x) => float.Exp2(x);

    /// <summary>The logarithm of a normal number to base 2, off by 2^-22 at most.</summary>
    [IntrinsicImplementation, PtxTemplate("lg2.approx.ftz.f32 $r, $0;")]
    public static float Log2(float x) => MathF.Log2(x);

    /// <summary>1 / sqrt(x), good to 2^-22 of it.</summary>
    [IntrinsicImplementation, PtxTemplate("rsqrt.approx.ftz.f32 $r, $0;")]
    public static float ReciprocalRoot(float x) => 1f / MathF.Sqrt(x);

    /// <summary>1 / x, off by one unit in the last place at most.</summary>
    [IntrinsicImplementation, PtxTemplate("rcp.approx.ftz.f32 $r, $0;")]
    public static float Reciprocal(float x) => 1f / x;

    /// <summary>silu(gate) = gate / (1 + exp(-gate)); the exponential and the quotient are approximate, good to 2^-21.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .f32 e; mul.f32 e, $0, 0fBFB8AA3B; ex2.approx.f32 e, e; add.f32 e, e, 0f3F800000; div.approx.f32 $r, $0, e; }")]
    public static float Silu(float gate) => gate / (1f + MathF.Exp(-gate));

    /// <summary>The half in the lower 16 bits, widened.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b16 low, high; mov.b32 {low, high}, $0; cvt.f32.f16 $r, low; }")]
    public static float LowHalf(uint pair) => default(HalfFormat).Widen((ushort)pair);

    /// <summary>The half in the upper 16 bits, widened.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b16 low, high; mov.b32 {low, high}, $0; cvt.f32.f16 $r, high; }")]
    public static float HighHalf(uint pair) => default(HalfFormat).Widen((ushort)(pair >> 16));

    /// <summary>Two floats rounded to bf16, ties to even: <paramref name="low"/> in the lower half.</summary>
    [IntrinsicImplementation, PtxTemplate("cvt.rn.bf16x2.f32 $r, $1, $0;")]
    public static uint PackBfloat16(float low, float high) =>
        default(Bfloat16Format).Narrow(low) | ((uint)default(Bfloat16Format).Narrow(high) << 16);
}
