namespace TaH.Kernels;

/// <summary>The sizes of a root-mean-square normalisation.</summary>
/// <param name="Rows">Rows that are normalised one by one.</param>
/// <param name="Hidden">Elements of a row.</param>
/// <param name="Epsilon">What is added to the mean square.</param>
public readonly record struct RmsNormShape(int Rows, int Hidden, float Epsilon)
{
    /// <summary>Bytes that have to move: x and weight in, y out.</summary>
    public long BytesMoved => ((2L * Rows) + 1) * Hidden * sizeof(float);

    /// <summary>A square and its sum, a scale and a weight for every element.</summary>
    public long Flops => 4L * Rows * Hidden;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows, Hidden);

    /// <summary>The work of the gradients: x and dy in, dx out (and in, where it is added to), the weight and its gradient.</summary>
    /// <param name="addToDx">Whether dx is added to.</param>
    public KernelWork BackwardWork(bool addToDx) =>
        new(((((addToDx ? 4L : 3L) * Rows) + 3) * Hidden) * sizeof(float), 12L * Rows * Hidden, Rows, Hidden);
}
