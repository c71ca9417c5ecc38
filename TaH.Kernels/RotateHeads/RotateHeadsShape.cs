namespace TaH.Kernels;

/// <summary>The sizes of norm and rotation of heads.</summary>
/// <param name="Rows">Rows, each with a position.</param>
/// <param name="Heads">Heads of a row.</param>
/// <param name="HeadDim">Elements of a head; even.</param>
/// <param name="Epsilon">What the norm adds to the mean square.</param>
public readonly record struct RotateHeadsShape(int Rows, int Heads, int HeadDim, float Epsilon)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Heads * HeadDim;

    /// <summary>Bytes that have to move: x in, y out, a line of the rope table a row, the weight.</summary>
    public long BytesMoved => ((2 * Length) + ((Rows + 1L) * HeadDim)) * sizeof(float);

    /// <summary>A norm (4) and a rotation (3) for every element.</summary>
    public long Flops => 7 * Length;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows, Heads * HeadDim);

    /// <summary>The work of the gradients: x and dy in, dx out, a line of the rope table a row, the weight and its gradient.</summary>
    public KernelWork BackwardWork => new(((3 * Length) + ((Rows + 3L) * HeadDim)) * sizeof(float), 15 * Length, Rows, Heads * HeadDim);
}
