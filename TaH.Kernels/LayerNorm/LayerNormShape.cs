namespace TaH.Kernels;

/// <summary>The sizes of a layer normalisation.</summary>
/// <param name="Rows">Rows that are normalised one by one.</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="Epsilon">What is added to the variance.</param>
public readonly record struct LayerNormShape(int Rows, int Width, float Epsilon)
{
    /// <summary>Bytes that have to move: x, weight and bias in, y out.</summary>
    public long BytesMoved => ((2L * Rows) + 2) * Width * sizeof(float);

    /// <summary>Two walks for mean and variance (4), then difference, scale, weight and bias (4), for every element.</summary>
    public long Flops => 8L * Rows * Width;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows, Width);

    /// <summary>The work of the gradients: x, dy and weight in, dx out, the gradients of weight and bias in and out.</summary>
    public KernelWork BackwardWork => new(((3L * Rows) + 5) * Width * sizeof(float), 18L * Rows * Width, Rows, Width);
}
