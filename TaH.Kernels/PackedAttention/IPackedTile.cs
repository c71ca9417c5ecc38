namespace TaH.Kernels;

/// <summary>
/// Sums of a warp in registers: 16 or 32 rows and strips of 16 columns. A thread has rows lane / 4, 8, 16 and 24 below, of which the last two are not
/// there in tiles of 16 rows; numbers of its rows are the elements of a <see cref="Quad"/>. Of each 8 columns it has 2 (lane % 4) and the next.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal interface IPackedTile<TSelf> where TSelf : unmanaged, IPackedTile<TSelf>
{
    /// <summary>16 or 32.</summary>
    int Rows { get; }

    /// <summary>Strips of 16 columns.</summary>
    int Strips { get; }

    /// <summary>Fetches 16 elements of the rows of a left operand.</summary>
    /// <param name="row">Where the thread's row of the first 16 starts in shared memory.</param>
    /// <param name="rowBytes">From one row to the next.</param>
    MmaPair LoadRows(ulong row, int rowBytes);

    /// <summary>Adds x times lines, 16 elements of both; a column is of a line.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="x">16 elements of the rows.</param>
    /// <param name="line">Where the thread's line of the first 16 starts.</param>
    /// <param name="lineBytes">From one line to the next.</param>
    TSelf AddProducts(TSelf sums, MmaPair x, ulong line, int lineBytes);

    /// <summary>Adds 16 lines by the weights in x; a column is an element of the lines.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="x">Weights of 16 lines.</param>
    /// <param name="line">Where the thread's line starts.</param>
    /// <param name="strip">The first strip's number in the lines.</param>
    TSelf AddMixed(TSelf sums, MmaPair x, ulong line, int strip);

    /// <summary>Adds as many lines to other sums as there are columns here, which are their weights.</summary>
    TSums Mix<TSums>(TSelf weights, TSums sums, ulong line, int lineBytes) where TSums : unmanaged, IPackedTile<TSums>;

    /// <summary>Columns from a limit of each row on become minus infinity; limits count from <paramref name="column"/>.</summary>
    TSelf Mask(TSelf scores, PackedLimits limits, int column);

    /// <summary>Columns below a limit of each row become minus infinity.</summary>
    TSelf MaskBefore(TSelf scores, PackedLimits limits, int column);

    /// <summary>The largest of each row, and of a number.</summary>
    Quad Largest(TSelf scores, Quad largest);

    /// <summary>2^(score * scale - the row's offset).</summary>
    TSelf Weigh(TSelf scores, float scale, Quad offsets);

    /// <summary>2^(score * scale - the column's offset), which lie in shared memory from the thread's first on.</summary>
    TSelf WeighColumns(TSelf scores, float scale, ulong offsets);

    /// <summary>Each row's sum, and a number.</summary>
    Quad AddUp(TSelf weights, Quad sums);

    /// <summary>Each row times a factor.</summary>
    TSelf Scale(TSelf sums, Quad factors);

    /// <summary>weight * (product - the row's delta).</summary>
    TSelf Gradients(TSelf weights, TSelf products, Quad deltas);

    /// <summary>weight * (product - the column's delta), deltas likewise.</summary>
    TSelf GradientsOfColumns(TSelf weights, TSelf products, ulong deltas);

    /// <summary>Writes the sums.</summary>
    void Store(TSelf sums, PackedTarget target, int strip);
}

/// <summary>16 elements of 32 rows, or of 16, as the threads of a warp hold them for products.</summary>
internal readonly record struct MmaPair(Word16 Upper, Word16 Lower);

/// <summary>A number of each of a thread's rows.</summary>
internal readonly record struct PackedLimits(int A, int B, int C, int D);

/// <summary>Where sums go.</summary>
/// <param name="Address">Of the thread's first row and pair of columns.</param>
/// <param name="RowBytes">From one row to the next.</param>
/// <param name="Rows">Rows from the thread's first one on.</param>
/// <param name="Add">1 to add to what is there, 0 to replace it.</param>
internal readonly record struct PackedTarget(ulong Address, ulong RowBytes, int Rows, int Add)
{
    /// <summary>Writes two neighbouring sums.</summary>
    public void Put(int row, int column, float first, float second)
    {
        if (row >= Rows) return;
        var address = Address + ((ulong)row * RowBytes) + (ulong)(column * sizeof(float));
        var before = Add == 0 ? default : PtxInstructions.LoadPair(address);
        PtxInstructions.StorePair(address, first + before.First, second + before.Second);
    }
}
