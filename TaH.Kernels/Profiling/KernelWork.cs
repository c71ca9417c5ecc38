namespace TaH.Kernels;

/// <summary>What one launch has to do at the least, from its shapes.</summary>
/// <param name="Bytes">Bytes that have to move, each operand once.</param>
/// <param name="Flops">Multiplications and additions; an exponential or a root counts as one.</param>
/// <param name="Rows">Rows that it works on; 0 where it has none.</param>
/// <param name="Inner">Length of a row, or of each sum of a product.</param>
/// <param name="Outer">Outputs of a product; 0 for anything else.</param>
public readonly record struct KernelWork(long Bytes, long Flops, int Rows = 0, int Inner = 0, int Outer = 0)
{
    /// <summary>The sizes for people: <c>1 x 2048 x 6144</c>, <c>1 x 2048</c>.</summary>
    public string Sizes => this switch
    {
        { Rows: 0, Inner: 0 } => string.Empty,
        { Outer: 0 } => FormattableString.Invariant($"{Rows} x {Inner}"),
        _ => FormattableString.Invariant($"{Rows} x {Inner} x {Outer}"),
    };
}
