namespace TaH.Kernels;

/// <summary>A matrix product as kernels take it: flags are ints, because a kernel argument holds no bool.</summary>
internal readonly record struct MatMulTask(int Rows, int Inner, int Outer, float Alpha, int Accumulate, int AddBias)
{
    /// <summary>Rows of x that one thread or group takes at a time, so that a weight that was read serves several.</summary>
    public const int RowBlock = 4;

    /// <summary>Writes one element of y, if there is such an element.</summary>
    /// <param name="y">[rows, outer].</param>
    /// <param name="bias">[outer]; read only if the task has one.</param>
    /// <param name="row">Row of y; what lies past the last one is dropped.</param>
    /// <param name="output">Column of y; what lies past the last one is dropped.</param>
    /// <param name="sum">The sum before alpha.</param>
    public void Store(Floats y, Floats bias, int row, int output, float sum)
    {
        if (row >= Rows || output >= Outer) return;
        var at = ((long)row * Outer) + output;
        var value = Alpha * sum;
        if (AddBias != 0) value += bias[output];
        if (Accumulate != 0) value += y[at];
        y[at] = value;
    }

    /// <summary>Where a row of x begins; rows past the last one are read as the last, and dropped by <see cref="Store"/>.</summary>
    public long RowStart(int row) => (long)(row < Rows ? row : Rows - 1) * Inner;
}
