namespace TaH.Engine;

/// <summary>What work amounts to.</summary>
/// <param name="Bytes">Bytes that have to come out of memory or go into it.</param>
/// <param name="Flops">Multiplications and additions.</param>
public readonly record struct Cost(long Bytes, long Flops)
{
    /// <summary>Both works together.</summary>
    public static Cost operator +(Cost left, Cost right) => new(left.Bytes + right.Bytes, left.Flops + right.Flops);
}
