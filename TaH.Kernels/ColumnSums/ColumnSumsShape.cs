namespace TaH.Kernels;

/// <summary>The sizes of sums over rows.</summary>
/// <param name="Rows">Rows that are added up.</param>
/// <param name="Columns">Elements of a row.</param>
public readonly record struct ColumnSumsShape(int Rows, int Columns)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Bytes that have to move: x in, the sums in and out.</summary>
    public long BytesMoved => (Length + (2L * Columns)) * sizeof(float);

    /// <summary>An addition for every element.</summary>
    public long Flops => Length;

    /// <summary>Both together.</summary>
    public KernelWork Work => new(BytesMoved, Flops, Rows, Columns);
}
