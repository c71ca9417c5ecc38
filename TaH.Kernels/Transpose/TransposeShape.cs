namespace TaH.Kernels;

/// <summary>The sizes of a matrix that is transposed.</summary>
/// <param name="Rows">Rows of what is read, columns of what is written.</param>
/// <param name="Columns">Columns of what is read, rows of what is written.</param>
public readonly record struct TransposeShape(int Rows, int Columns)
{
    /// <summary>Rows rounded up to a multiple of 8: the width of a transposed bf16 copy, whose rows then start at multiples of 16 bytes.</summary>
    public int RowsPadded => (Rows + 7) / 8 * 8;

    /// <summary>What has to be moved, if that many bytes of each element are read and written together.</summary>
    internal KernelWork Work(int bytesOfElement) => new((long)Rows * Columns * bytesOfElement, 0, Rows, Columns);
}
