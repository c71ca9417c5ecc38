namespace TaH.Kernels;

/// <summary>Columns that go from one matrix into another.</summary>
/// <param name="Rows">Rows of both.</param>
/// <param name="Columns">How many columns.</param>
/// <param name="FromColumn">The first one in the source.</param>
/// <param name="FromWidth">Columns of the source.</param>
/// <param name="ToColumn">The first one in the target.</param>
/// <param name="ToWidth">Columns of the target.</param>
public readonly record struct ColumnsShape(int Rows, int Columns, int FromColumn, int FromWidth, int ToColumn, int ToWidth)
{
    /// <summary>Elements that move.</summary>
    public long Length => (long)Rows * Columns;
}
