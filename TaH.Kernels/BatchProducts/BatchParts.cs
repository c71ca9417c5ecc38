using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A linear layer with bias whose operands are two bf16 parts of each number: the number rounded, and what rounding left over, sixteen bits in all. Of
/// both operands all first parts of a row come before all second ones.
/// </summary>
/// <param name="Slices">Slices of one part of a row; 0 where numbers have one part, and no layer is meant.</param>
/// <param name="Outer">Outputs: a multiple of 4.</param>
/// <param name="Bias">Where [outer] starts.</param>
/// <param name="Target">Where results go as parts, for the next layer; 0 if nowhere.</param>
/// <param name="Pitch">Elements from a row of the target to the next.</param>
/// <param name="Low">Elements from a first part to its second.</param>
/// <param name="Accumulate">1 if y is added to.</param>
/// <param name="Gelu">1 if the target gets the exact GELU of the results.</param>
internal readonly record struct BatchParts(int Slices, int Outer, ulong Bias, ulong Target, int Pitch, int Low, int Accumulate, int Gelu)
{
    /// <summary>
    /// First parts of x times all of the weights and second parts times the first ones of the weights: three runs of slices, of which this is the
    /// column of the weights.
    /// </summary>
    public int WeightSlice(int slice) => slice < Slices ? slice : slice - Slices;

    /// <summary>The column of x: first parts, second parts, first parts.</summary>
    public int TokenSlice(int slice) => slice < 2 * Slices ? slice : slice - (2 * Slices);

    /// <summary>Puts four neighbouring numbers down.</summary>
    /// <param name="to">Where their first parts go.</param>
    /// <param name="low">Bytes to their second parts.</param>
    /// <param name="values">The numbers.</param>
    public static void Put(ulong to, ulong low, Quad values)
    {
        uint first = PtxInstructions.PackBfloat16(values.A, values.B), second = PtxInstructions.PackBfloat16(values.C, values.D);
        PtxInstructions.StoreUIntPair(to, first, second);
        PtxInstructions.StoreUIntPair(
            to + low, PtxInstructions.PackBfloat16(values.A - LowOf(first), values.B - HighOf(first)),
            PtxInstructions.PackBfloat16(values.C - LowOf(second), values.D - HighOf(second)));
    }

    private static float LowOf(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float HighOf(uint pair) => Interop.IntAsFloat(pair & 0xffff0000u);
}
