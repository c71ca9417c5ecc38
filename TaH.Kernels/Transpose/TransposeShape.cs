namespace TaH.Kernels;

/// <summary>The sizes of a transposition.</summary>
/// <param name="Rows">Rows of the source, columns of the target.</param>
/// <param name="Columns">Columns of the source, rows of the target.</param>
public readonly record struct TransposeShape(int Rows, int Columns)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Columns;
}
