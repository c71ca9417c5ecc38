namespace TaH.Kernels;

/// <summary>The sizes of a SwiGLU.</summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Ffn">Elements of a row.</param>
public readonly record struct SwiGluShape(int Rows, int Ffn)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Ffn;

    /// <summary>Bytes that have to move: gate and up in, h out.</summary>
    public long BytesMoved => 3 * Length * sizeof(float);

    /// <summary>An exponential, a sum, a quotient and two products for every element.</summary>
    public long Flops => 5 * Length;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows, Ffn);

    /// <summary>The work of the gradients: gate, up and dh in, two gradients out.</summary>
    public KernelWork BackwardWork => new(5 * Length * sizeof(float), 11 * Length, Rows, Ffn);
}
