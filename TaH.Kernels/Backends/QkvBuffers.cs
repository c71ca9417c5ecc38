namespace TaH.Kernels;

/// <summary>The products of one layer's query, key and value projections.</summary>
/// <param name="Query">[rows, heads, headDim].</param>
/// <param name="Key">[rows, kvHeads, headDim].</param>
/// <param name="Value">[rows, kvHeads, headDim].</param>
public readonly record struct QkvBuffers(Floats Query, Floats Key, Floats Value);
