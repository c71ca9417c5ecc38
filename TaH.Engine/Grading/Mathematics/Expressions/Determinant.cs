namespace TaH.Engine;

/// <summary>The determinant of a small square matrix, written out by its first row.</summary>
internal static class Determinant
{
    private const int Largest = 5;

    /// <summary>The sum over the first row, or null when the matrix is not square or larger than five.</summary>
    public static MathExpression? Of(MatrixValue matrix) =>
        matrix.Rows == matrix.Columns && matrix.Columns <= Largest ? Of(matrix, 0, [.. Enumerable.Range(0, matrix.Columns)]) : null;

    private static MathExpression Of(MatrixValue matrix, int row, int[] columns)
    {
        if (columns.Length == 0) return IntegerNumber.One;
        var terms = columns.Select((column, i) =>
        {
            var minor = Of(matrix, row + 1, [.. columns.Where(other => other != column)]);
            var term = Product.Of(matrix.Elements[row * matrix.Columns + column], minor);
            return i % 2 == 0 ? term : Product.Negated(term);
        });
        return new Sum([.. terms]);
    }
}
