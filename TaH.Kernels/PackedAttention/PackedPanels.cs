namespace TaH.Kernels;

/// <summary>Products of small matrices in the cache, six rows at a time, and how their operands are laid out for <see cref="TileProduct{TLanes}"/>.</summary>
internal static unsafe class PackedPanels<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Floats of a line that whole tiles of columns can be read from.</summary>
    public static int Width(int length) => RoundUp(length, TileProduct<TLanes>.Columns);

    /// <summary>Rows that whole tiles of rows can be written to.</summary>
    public static int Padded(int rows) => RoundUp(rows, TileProduct<TLanes>.Rows);

    /// <summary>Lays lines side by side as columns: [panels, length, columns of a tile].</summary>
    public static void Transpose(float* source, long stride, int count, int length, float* panels)
    {
        for (var i = 0; i < count; i += 4)
        {
            var (panel, column) = Math.DivRem(i, TileProduct<TLanes>.Columns);
            Columns4(source, stride, i, count, length, panels + (panel * length * TileProduct<TLanes>.Columns) + column, TileProduct<TLanes>.Columns);
        }
    }

    /// <summary>target[j, i] = source[i, j].</summary>
    /// <param name="source">[count, stride].</param>
    /// <param name="stride">From one line of the source to the next.</param>
    /// <param name="count">Lines.</param>
    /// <param name="length">Elements of a line that are taken.</param>
    /// <param name="target">[length, targetStride]; up to a multiple of four in each line is written.</param>
    /// <param name="targetStride">From one line of the target to the next.</param>
    public static void Turn(float* source, long stride, int count, int length, float* target, int targetStride)
    {
        for (var i = 0; i < count; i += 4) Columns4(source, stride, i, count, length, target + i, targetStride);
    }

    /// <summary>Lays lines below each other, zeros behind each up to the width.</summary>
    public static void Copy(float* source, long stride, int count, int length, float* target, int width)
    {
        for (var i = 0; i < count; i++)
        {
            new ReadOnlySpan<float>(source + (i * stride), length).CopyTo(new Span<float>(target + (i * width), length));
            new Span<float>(target + (i * width) + length, width - length).Clear();
        }
    }

    /// <summary>sums[r, j] = x[r] . column j, for up to six rows and for all tiles with a column below <paramref name="columns"/>.</summary>
    public static void Multiply(float* x, int xStride, int rows, float* panels, int length, int columns, float* sums, int sumsStride)
    {
        for (var column = 0; column < columns; column += TileProduct<TLanes>.Columns)
        {
            TileProduct<TLanes>.Run(
                x, xStride, rows, panels + (column * length), TileProduct<TLanes>.Columns, length, sums + column, sumsStride, accumulate: false);
        }
    }

    /// <summary>sums[r] = sum over i of x[r, i] * line i, or added to what is there, for up to six rows.</summary>
    public static void Mix(float* x, int xStride, int rows, float* lines, int width, int count, float* sums, bool accumulate)
    {
        for (var column = 0; column < width; column += TileProduct<TLanes>.Columns)
            TileProduct<TLanes>.Run(x, xStride, rows, lines + column, width, count, sums + column, width, accumulate);
    }

    private static void Columns4(float* source, long stride, int line, int count, int length, float* target, int targetStride)
    {
        var last = count - 1; // again in place of lines that there are not
        TaH.Kernels.Columns4.Fill<float, SingleLanes>(
            source + (line * stride), source + (Math.Min(line + 1, last) * stride), source + (Math.Min(line + 2, last) * stride),
            source + (Math.Min(line + 3, last) * stride), length, target, targetStride);
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}
