namespace TaH.Kernels;

/// <summary>The sums of some rows of x with two weight rows, in registers: a kernel compiled for one count of rows has no loop over them.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal interface IRowSums<TSelf> where TSelf : unmanaged, IRowSums<TSelf>
{
    /// <summary>Rows of x.</summary>
    int Rows { get; }

    /// <summary>sums plus the products of four elements of each weight row with the same four of every row of x.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="first">Of the first weight row.</param>
    /// <param name="second">Of the second weight row.</param>
    /// <param name="x">Where the four elements of the first row of x lie in shared memory.</param>
    /// <param name="rowBytes">From one row of x to the next.</param>
    TSelf AddProducts(TSelf sums, Quad first, Quad second, ulong x, int rowBytes);

    /// <summary>sums plus the products of one element.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="first">Of the first weight row.</param>
    /// <param name="second">Of the second weight row.</param>
    /// <param name="panel">Where x lies.</param>
    /// <param name="at">The place of the element of the first row of x.</param>
    /// <param name="rowLength">From one row of x to the next.</param>
    TSelf AddProduct(TSelf sums, float first, float second, Floats panel, int at, int rowLength);

    /// <summary>Each sum over the threads of the warp.</summary>
    TSelf OverWarp(TSelf sums);

    /// <summary>Writes the sums: first and second of every row, row after row.</summary>
    void Write(TSelf sums, Floats target, int at);
}

/// <summary>One row of x.</summary>
internal readonly record struct OneRow(float First, float Second) : IRowSums<OneRow>
{
    public int Rows => 1;

    public OneRow AddProducts(OneRow sums, Quad first, Quad second, ulong x, int rowBytes)
    {
        var four = PtxInstructions.LoadSharedQuad(x);
        return new OneRow(four.AddDot(first, sums.First), four.AddDot(second, sums.Second));
    }

    public OneRow AddProduct(OneRow sums, float first, float second, Floats panel, int at, int rowLength) =>
        new(PtxInstructions.MultiplyAdd(panel[at], first, sums.First), PtxInstructions.MultiplyAdd(panel[at], second, sums.Second));

    public OneRow OverWarp(OneRow sums) => new(WarpReduce.Sum(sums.First), WarpReduce.Sum(sums.Second));

    public void Write(OneRow sums, Floats target, int at)
    {
        target[at] = sums.First;
        target[at + 1] = sums.Second;
    }
}

/// <summary>Twice as many rows of x.</summary>
internal readonly record struct Twice<TSums>(TSums Upper, TSums Lower) : IRowSums<Twice<TSums>> where TSums : unmanaged, IRowSums<TSums>
{
    public int Rows => 2 * default(TSums).Rows;

    public Twice<TSums> AddProducts(Twice<TSums> sums, Quad first, Quad second, ulong x, int rowBytes) => new(
        default(TSums).AddProducts(sums.Upper, first, second, x, rowBytes),
        default(TSums).AddProducts(sums.Lower, first, second, x + (ulong)(default(TSums).Rows * rowBytes), rowBytes));

    public Twice<TSums> AddProduct(Twice<TSums> sums, float first, float second, Floats panel, int at, int rowLength) => new(
        default(TSums).AddProduct(sums.Upper, first, second, panel, at, rowLength),
        default(TSums).AddProduct(sums.Lower, first, second, panel, at + (default(TSums).Rows * rowLength), rowLength));

    public Twice<TSums> OverWarp(Twice<TSums> sums) => new(default(TSums).OverWarp(sums.Upper), default(TSums).OverWarp(sums.Lower));

    public void Write(Twice<TSums> sums, Floats target, int at)
    {
        default(TSums).Write(sums.Upper, target, at);
        default(TSums).Write(sums.Lower, target, at + (2 * default(TSums).Rows));
    }
}
