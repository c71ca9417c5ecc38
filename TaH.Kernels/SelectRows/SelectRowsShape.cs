namespace TaH.Kernels;

/// <summary>Some rows of a matrix.</summary>
/// <param name="Count">How many.</param>
/// <param name="Width">Elements of a row.</param>
public readonly record struct SelectRowsShape(int Count, int Width)
{
    /// <summary>Elements of the chosen rows.</summary>
    public long Length => (long)Count * Width;
}
