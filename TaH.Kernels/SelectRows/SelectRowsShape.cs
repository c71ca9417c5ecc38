namespace TaH.Kernels;

/// <summary>The sizes of rows that are taken from a table, or put into it.</summary>
/// <param name="Count">How many are taken or put.</param>
/// <param name="Width">Elements of a row.</param>
public readonly record struct SelectRowsShape(int Count, int Width)
{
    /// <summary>What has to be done if each element is so often read and written in all.</summary>
    internal KernelWork Work(int moves, bool adds) =>
        new(((long)Count * Width * sizeof(float) * moves) + (Count * (long)sizeof(int)), adds ? (long)Count * Width : 0, Count, Width);
}
