using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Loads and stores. <c>Constant</c> is what nobody writes while the kernel runs; addresses of shared memory are offsets in it.</summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>
    /// Sixteen bytes that nobody writes while the kernel runs and nobody reads again, if <paramref name="index"/> is below
    /// <paramref name="end"/>; else zeros and no access. The address is a multiple of 16.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred inside; setp.lt.s32 inside, $1, $2; mov.u32 $r.0, 0; mov.u32 $r.1, 0; mov.u32 $r.2, 0; mov.u32 $r.3, 0; "
        + "@inside ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {$r.0,$r.1,$r.2,$r.3}, [$0]; }")]
    public static Word16 LoadStreamed(ulong address, int index, int end) => index < end ? *(Word16*)address : default;

    /// <summary>Bytes that <see cref="PrefetchLine"/> brings.</summary>
    public const int LineBytes = 128;

    /// <summary>Sends for a line of global memory, as far as the L2 cache.</summary>
    [IntrinsicImplementation, PtxTemplate("prefetch.global.L2 [$0];")]
    public static void PrefetchLine(ulong address)
    {
    }

    /// <summary>Two bytes that nobody writes while the kernel runs, in the lower half.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.u16 $r, [$0];")]
    public static uint LoadConstantUShort(ulong address) => *(ushort*)address;

    /// <summary>A float that nobody writes while the kernel runs.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.f32 $r, [$0];")]
    public static float LoadConstantFloat(ulong address) => *(float*)address;

    /// <summary>Two floats that nobody writes while the kernel runs. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.nc.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadConstantPair(ulong address) => *(FloatPair*)address;

    /// <summary>Two floats of global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadPair(ulong address) => *(FloatPair*)address;

    /// <summary>Four floats of global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Quad LoadQuad(ulong address) => *(Quad*)address;

    /// <summary>
    /// The same, sent for where the call stands: loads whose numbers are needed behind <see cref="WaitForPrevious"/> only are moved there, too.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("ld.volatile.global.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Quad LoadQuadAhead(ulong address) => *(Quad*)address;

    /// <summary>A float of global memory, likewise sent for where the call stands.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.volatile.global.f32 $r, [$0];")]
    public static float LoadFloatAhead(ulong address) => *(float*)address;

    /// <summary>The same of sixteen bytes. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.volatile.global.v4.u32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadWordAhead(ulong address) => *(Word16*)address;

    /// <summary>The same of an int.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.volatile.global.s32 $r, [$0];")]
    public static int LoadIntAhead(ulong address) => *(int*)address;

    /// <summary>
    /// Four floats of global memory if <paramref name="index"/> is below <paramref name="end"/>; else zeros and no access. The address is a multiple of
    /// 16.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred inside; setp.lt.s32 inside, $1, $2; mov.f32 $r.0, 0f00000000; mov.f32 $r.1, 0f00000000; mov.f32 $r.2, 0f00000000; "
        + "mov.f32 $r.3, 0f00000000; @inside ld.global.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0]; }")]
    public static Quad LoadQuadBelow(ulong address, int index, int end) => index < end ? *(Quad*)address : default;

    /// <summary>A float of global memory.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.f32 $r, [$0];")]
    public static float LoadFloat(ulong address) => *(float*)address;

    /// <summary>The upper half empty, the lower two bytes that nobody writes while the kernel runs, sent for where the call stands.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.volatile.global.u16 $r, [$0];")]
    public static uint LoadUShortAhead(ulong address) => *(ushort*)address;

    /// <summary>An int of global memory.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.global.s32 $r, [$0];")]
    public static int LoadInt(ulong address) => *(int*)address;

    /// <summary>Raises a number in global memory to another one, if that is larger.</summary>
    [IntrinsicImplementation, PtxTemplate("red.global.max.u32 [$0], $1;")]
    public static void RaiseUInt(ulong address, uint value) => ILGPU.Atomic.Max(ref *(uint*)address, value);

    /// <summary>Four bytes into global memory. The address is a multiple of 4.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.u32 [$0], $1;")]
    public static void StoreUInt(ulong address, uint bits) => *(uint*)address = bits;

    /// <summary>Two bytes into global memory: the lower half of a word.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b16 half; cvt.u16.u32 half, $1; st.global.u16 [$0], half; }")]
    public static void StoreUShort(ulong address, uint bits) => *(ushort*)address = (ushort)bits;

    /// <summary>Eight bytes into global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v2.u32 [$0], {$1, $2};")]
    public static void StoreUIntPair(ulong address, uint first, uint second)
    {
        ((uint*)address)[0] = first;
        ((uint*)address)[1] = second;
    }

    /// <summary>Two floats into global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v2.f32 [$0], {$1, $2};")]
    public static void StorePair(ulong address, float first, float second)
    {
        ((float*)address)[0] = first;
        ((float*)address)[1] = second;
    }

    /// <summary>Four floats into global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreQuad(ulong address, Quad values) => *(Quad*)address = values;

    /// <summary>Sixteen bytes into global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v4.u32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreWord(ulong address, Word16 word) => *(Word16*)address = word;

    /// <summary>Adds four floats to global memory without waiting for what is there. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("red.global.add.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void AddQuad(ulong address, Quad values) => throw HopperOnly();

    /// <summary>Two floats into shared memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.shared.v2.f32 [$0], {$1, $2};")]
    public static void StoreSharedPair(uint address, float first, float second) => throw HopperOnly();

    /// <summary>Two floats of shared memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadSharedPair(ulong address) => *(FloatPair*)address;

    /// <summary>Four floats of shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Quad LoadSharedQuad(ulong address) => *(Quad*)address;

    /// <summary>Sixteen bytes of shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v4.u32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadSharedWord(ulong address) => *(Word16*)address;

    /// <summary>Four floats into shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.shared.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreSharedQuad(ulong address, Quad values) => *(Quad*)address = values;

    /// <summary>A float into shared memory.</summary>
    [IntrinsicImplementation, PtxTemplate("st.shared.f32 [$0], $1;")]
    public static void StoreShared(uint address, float value) => throw HopperOnly();

    /// <summary>Sixteen bytes of zeros into shared memory.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b32 z; mov.b32 z, 0; st.shared.v4.b32 [$0], {z,z,z,z}; }")]
    public static void ClearShared(uint address) => throw HopperOnly();
}

/// <summary>Two neighbouring floats.</summary>
internal readonly record struct FloatPair(float First, float Second);
