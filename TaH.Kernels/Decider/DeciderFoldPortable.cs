namespace TaH.Kernels;

/// <summary>One thread an element of the product of two matrices, summed in double precision.</summary>
internal static class DeciderFoldPortable
{
    public static void Kernel(Floats left, Floats right, Floats bias, Floats result, DeciderFoldShape shape)
    {
        var index = Elements.Index;
        if (index >= (long)shape.Rows * shape.Columns) return;
        long row = index / shape.Columns, column = index % shape.Columns;
        var sum = shape.AddBias != 0 ? bias[row] : 0.0;
        for (var i = 0; i < shape.Inner; i++)
            sum += (double)left[(row * shape.LeftStride) + shape.LeftOffset + i] * right[((long)i * shape.RightStride) + column];
        result[(row * shape.ResultStride) + shape.ResultOffset + column] = (float)sum;
    }
}

/// <summary>result[r, resultOffset + c] = sum over i of left[r, leftOffset + i] * right[i, c], plus bias[r].</summary>
/// <param name="Rows">Rows of left and of the result.</param>
/// <param name="Columns">Columns that are made.</param>
/// <param name="Inner">Length of each sum.</param>
/// <param name="LeftStride">From one row of left to the next.</param>
/// <param name="LeftOffset">Its first column.</param>
/// <param name="RightStride">From one row of right to the next.</param>
/// <param name="ResultStride">From one row of the result to the next.</param>
/// <param name="ResultOffset">Its first column.</param>
/// <param name="AddBias">1 if there is a bias.</param>
internal readonly record struct DeciderFoldShape(
    int Rows, int Columns, int Inner, int LeftStride, int LeftOffset, int RightStride, int ResultStride, int ResultOffset, int AddBias);
