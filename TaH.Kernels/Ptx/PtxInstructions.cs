using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Instructions that ILGPU has no name for; here, those about the order of kernels, and addresses. Kernels that use them are loaded by
/// <see cref="PtxLoader"/>, on CUDA devices only. Bodies are for readers and for simulated warps; some have none.
/// </summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>The text of <see cref="WaitForPrevious"/>: Hopper and newer; <see cref="PtxText"/> takes it out for older cards.</summary>
    public const string WaitForPreviousText = "griddepcontrol.wait;";

    /// <summary>The text of <see cref="LetNextStart"/>, likewise.</summary>
    public const string LetNextStartText = "griddepcontrol.launch_dependents;";

    /// <summary>
    /// Waits until the kernels before have ended and what they wrote is visible, where the launch let this one start early; elsewhere it is no wait.
    /// Nothing that they write may be read, and nothing that they read may be written, before.
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

    /// <summary>The address of an int in global memory.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b64 $r, $0;")]
    public static ulong AddressOfCount(ref int element)
    {
        fixed (int* address = &element) return (ulong)address;
    }

    /// <summary>The value, computed where the call stands: ILGPU moves what a loop only reads into the loop, even divisions.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b32 $r, $0;")]
    public static int Keep(int value) => value;

    /// <summary>The same of an address.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b64 $r, $0;")]
    public static ulong KeepAddress(ulong address) => address;

    /// <summary>The same of bits.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.b32 $r, $0;")]
    public static uint KeepBits(uint bits) => bits;

    private static NotSupportedException HopperOnly() => new("this instruction needs a Hopper card");
}
