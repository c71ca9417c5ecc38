namespace TaH.Kernels;

/// <summary>The size of a dropout.</summary>
/// <param name="Length">Elements.</param>
/// <param name="Probability">Share of elements that become 0: from 0 (inclusive) to 1 (exclusive).</param>
public readonly record struct DropoutShape(long Length, float Probability)
{
    /// <summary>Bytes that have to move: x in, y out.</summary>
    public long BytesMoved => 2 * Length * sizeof(float);

    /// <summary>A product for every element, and the generator's twenty for every four.</summary>
    public long Flops => 6 * Length;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows: 1, Inner: (int)Math.Min(Length, int.MaxValue));
}
