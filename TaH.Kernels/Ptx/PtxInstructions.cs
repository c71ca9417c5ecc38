using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Instructions that ILGPU has no name for. Kernels that use them are loaded by <see cref="PtxLoader"/>, on CUDA devices only.</summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>The text of <see cref="WaitForPrevious"/>: Hopper and newer; <see cref="PtxText"/> takes it out for older cards.</summary>
    public const string WaitForPreviousText = "griddepcontrol.wait;";

    /// <summary>The text of <see cref="LetNextStart"/>, likewise.</summary>
    public const string LetNextStartText = "griddepcontrol.launch_dependents;";

    /// <summary>
    /// Waits until the kernels before have ended and what they wrote is visible, where the launch let this one start early; elsewhere it is no wait. Nothing
    /// that they write may be read, and nothing that they read may be written, before.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(WaitForPreviousText)]
    public static void WaitForPrevious()
    {
    }

    /// <summary>Lets the kernel behind start its own beginning as soon as every group has come here, before this one has ended.</summary>
    [IntrinsicImplementation, PtxTemplate(LetNextStartText)]
    public static void LetNextStart()
    {
    }

    /// <summary>The address of an element: in global memory, or the offset within shared memory.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b64 $r, $0;")]
    public static ulong AddressOf(ref float element)
    {
        fixed (float* address = &element) return (ulong)address;
    }

    /// <summary>
    /// Sixteen bytes that nobody writes while the kernel runs and nobody reads again, if <paramref name="index"/> is below
    /// <paramref name="end"/>; else zeros and no access. The address is a multiple of 16.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred inside; setp.lt.s32 inside, $1, $2; mov.u32 $r.0, 0; mov.u32 $r.1, 0; mov.u32 $r.2, 0; mov.u32 $r.3, 0; "
        + "@inside ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {$r.0,$r.1,$r.2,$r.3}, [$0]; }")]
    public static Word16 LoadStreamed(ulong address, int index, int end) => index < end ? *(Word16*)address : default;

    /// <summary>Two bytes that nobody writes while the kernel runs, in the lower half.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.u16 $r, [$0];")]
    public static uint LoadHalfWord(ulong address) => *(ushort*)address;

    /// <summary>A float that nobody writes while the kernel runs.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.f32 $r, [$0];")]
    public static float LoadFloat(ulong address) => *(float*)address;

    /// <summary>Four floats of global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Quad LoadQuad(ulong address) => *(Quad*)address;

    /// <summary>Puts four floats into global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreQuad(ulong address, Quad values) => *(Quad*)address = values;

    /// <summary>Puts a word into memory that the host looks at while the kernel runs.</summary>
    [IntrinsicImplementation, PtxTemplate("st.relaxed.sys.global.u32 [$0], $1;")]
    public static void StoreToHost(ulong address, int value) => Volatile.Write(ref *(int*)address, value);

    /// <summary>Four floats of shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Quad LoadSharedQuad(ulong address) => *(Quad*)address;

    /// <summary>Puts four floats into shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.shared.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreSharedQuad(ulong address, Quad values) => *(Quad*)address = values;

    /// <summary>The half in the lower 16 bits, widened.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b16 low, high; mov.b32 {low, high}, $0; cvt.f32.f16 $r, low; }")]
    public static float LowHalf(uint pair) => default(HalfFormat).Widen((ushort)pair);

    /// <summary>The half in the upper 16 bits, widened.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b16 low, high; mov.b32 {low, high}, $0; cvt.f32.f16 $r, high; }")]
    public static float HighHalf(uint pair) => default(HalfFormat).Widen((ushort)(pair >> 16));

    /// <summary>left * right + sum, rounded once.</summary>
    [IntrinsicImplementation, PtxTemplate("fma.rn.f32 $r, $0, $1, $2;")]
    public static float MultiplyAdd(float left, float right, float sum) => (left * right) + sum;

    /// <summary>Waits until a word that the host writes is at least <paramref name="until"/>, or so many nanoseconds have gone by.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred over; .reg .u32 word; .reg .u64 begin, now; mov.u64 begin, %globaltimer; AGAIN: ld.volatile.global.u32 word, [$0]; "
        + "setp.ge.u32 over, word, $1; @over bra DONE; mov.u64 now, %globaltimer; sub.u64 now, now, begin; setp.lt.u64 over, now, $2; "
        + "@over bra AGAIN; DONE: }")]
    public static void WaitForHost(ulong address, uint until, ulong patience)
    {
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Volatile.Read(ref *(uint*)address) < until && System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalNanoseconds < patience) { }
    }
}
