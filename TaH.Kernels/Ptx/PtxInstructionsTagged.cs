using ILGPU;
using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Numbers that groups of one launch hand to each other: a cell of eight bytes holds a float and, in its upper half, a tag. A cell is written and read
/// as a whole, so whoever sees the tag sees the number.
/// </summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>The number of a cell, as soon as it has the tag.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred late; .reg .b64 pair; .reg .b32 tag; again: ld.relaxed.gpu.global.u64 pair, [$0]; mov.b64 {$r, tag}, pair; "
        + "setp.ne.u32 late, tag, $1; @late bra again; }")]
    public static float LoadTagged(ulong address, uint tag) => Await(address, tag);

    /// <summary>The numbers of four neighbouring cells, as soon as all have the tag. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred late; .reg .b64 a, b, c, d; .reg .b32 ta, tb, tc, td; again: ld.relaxed.gpu.global.v2.u64 {a, b}, [$0]; "
        + "ld.relaxed.gpu.global.v2.u64 {c, d}, [$0+16]; mov.b64 {$r.0, ta}, a; mov.b64 {$r.1, tb}, b; mov.b64 {$r.2, tc}, c; mov.b64 {$r.3, td}, d; "
        + "xor.b32 ta, ta, $1; xor.b32 tb, tb, $1; xor.b32 tc, tc, $1; xor.b32 td, td, $1; or.b32 ta, ta, tb; or.b32 tc, tc, td; or.b32 ta, ta, tc; "
        + "setp.ne.u32 late, ta, 0; @late bra again; }")]
    public static Quad LoadTaggedQuad(ulong address, uint tag) => new(
        Await(address, tag), Await(address + sizeof(ulong), tag),
        Await(address + (2 * sizeof(ulong)), tag), Await(address + (3 * sizeof(ulong)), tag));

    /// <summary>Puts a number with its tag into a cell.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b64 pair; mov.b64 pair, {$1, $2}; st.relaxed.gpu.global.u64 [$0], pair; }")]
    public static void StoreTagged(ulong address, float value, uint tag) =>
        Atomic.Exchange(ref *(ulong*)address, ((ulong)tag << 32) | Interop.FloatAsInt(value));

    private static float Await(ulong address, uint tag)
    {
        var cell = Atomic.Add(ref *(ulong*)address, 0UL); // a read that is made again every time
        while ((uint)(cell >> 32) != tag) cell = Atomic.Add(ref *(ulong*)address, 0UL);
        return Interop.IntAsFloat((uint)cell);
    }
}
