namespace TaH.Kernels;

/// <summary>What attention writes: f32, or bf16 in the same memory where the product behind reads that.</summary>
internal static class MixedRows
{
    /// <summary>Writes one element.</summary>
    /// <param name="mixed">[rows, heads, headDim].</param>
    /// <param name="element">Which.</param>
    /// <param name="value">It.</param>
    /// <param name="narrow">1 for bf16.</param>
    public static void Store(Floats mixed, long element, float value, int narrow)
    {
        if (narrow == 0) mixed[element] = value;
        else PtxInstructions.StoreUShort(
            PtxInstructions.AddressOf(ref mixed[0]) + ((ulong)element * sizeof(ushort)), default(Bfloat16Format).Narrow(value));
    }
}
