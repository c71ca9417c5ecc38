namespace TaH.Kernels;

/// <summary>The sizes of a matrix product, and what is done with it.</summary>
/// <param name="Rows">Rows of x and of y.</param>
/// <param name="Inner">Columns of x and of the weight: the length of each sum.</param>
/// <param name="Outer">Columns of y, rows of the weight.</param>
/// <param name="Alpha">What every sum is multiplied with.</param>
/// <param name="Accumulate">Whether the result is added to y instead of replacing it.</param>
public readonly record struct MatMulShape(int Rows, int Inner, int Outer, float Alpha = 1, bool Accumulate = false)
{
    /// <summary>Multiplications and additions.</summary>
    public long Flops => 2L * Rows * Inner * Outer;

    /// <summary>Bytes that have to move: the weight and x in, y out (and in, when accumulating).</summary>
    /// <param name="weight">How the weight is stored.</param>
    public long BytesMoved(ElementType weight) =>
        ((long)Inner * Outer * WeightMatrix.SizeOf(weight)) + (sizeof(float) * (long)Rows * (Inner + (Accumulate ? 2L * Outer : Outer)));

    /// <summary>Both together.</summary>
    /// <param name="weight">How the weight is stored.</param>
    public KernelWork Work(ElementType weight) => new(BytesMoved(weight), Flops, Rows, Inner, Outer);
}
