using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

internal static unsafe partial class PtxInstructions
{
    /// <summary>2 to the power of x, off by two units in the last place at most.</summary>
    [IntrinsicImplementation, PtxTemplate("ex2.approx.ftz.f32 $r, $0;")]
    public static float Exp2(float x) => float.Exp2(x);

    /// <summary>Puts eight bytes into global memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v2.u32 [$0], {$1, $2};")]
    public static void StoreWords(ulong address, uint first, uint second)
    {
        ((uint*)address)[0] = first;
        ((uint*)address)[1] = second;
    }

    /// <summary>
    /// Counts in global memory from 0 to <paramref name="last"/> and back to 0. What this thread wrote, and what it knows of others' writes, is visible to
    /// whoever counts after it.
    /// </summary>
    /// <returns>The count before.</returns>
    [IntrinsicImplementation, PtxTemplate("atom.acq_rel.gpu.global.inc.u32 $r, [$0], $1;")]
    public static int CountAround(ulong address, int last)
    {
        while (true)
        {
            var seen = Volatile.Read(ref *(int*)address);
            if (Interlocked.CompareExchange(ref *(int*)address, seen >= last ? 0 : seen + 1, seen) == seen) return seen;
        }
    }

    /// <summary>The address of an element in global memory.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b64 $r, $0;")]
    public static ulong AddressOfCount(ref int element)
    {
        fixed (int* address = &element) return (ulong)address;
    }
}
