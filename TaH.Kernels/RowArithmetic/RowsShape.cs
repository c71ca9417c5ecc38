namespace TaH.Kernels;

/// <summary>Rows of some width.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Columns">Elements of each.</param>
public readonly record struct RowsShape(int Rows, int Columns)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Columns;
}
