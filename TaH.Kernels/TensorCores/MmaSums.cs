namespace TaH.Kernels;

/// <summary>64 rows of an operand, 16 elements of each, as the threads of a warp hold them.</summary>
internal readonly record struct MmaRows(Word16 A, Word16 B, Word16 C, Word16 D)
{
    /// <summary>Fetches them.</summary>
    /// <param name="row">Where the thread's row of the first 16 starts in shared memory.</param>
    /// <param name="rowBytes">From one row to the next.</param>
    public static MmaRows Load(ulong row, int rowBytes) => new(
        PtxInstructions.LoadMatrices(row), PtxInstructions.LoadMatrices(row + (ulong)(16 * rowBytes)),
        PtxInstructions.LoadMatrices(row + (ulong)(32 * rowBytes)), PtxInstructions.LoadMatrices(row + (ulong)(48 * rowBytes)));

    /// <summary>Fetches them from where they are columns.</summary>
    /// <param name="columns">Where the thread's row of the first 16 columns starts in shared memory.</param>
    public static MmaRows Load(MmaTokenColumns columns) => new(columns.Load(0), columns.Load(1), columns.Load(2), columns.Load(3));
}

/// <summary>The second operand: strips of 16 columns of y, 16 elements of each.</summary>
internal interface IMmaColumns
{
    /// <summary>Fetches a strip.</summary>
    Word16 Load(int strip);
}

/// <summary>Strips that are rows of a weight.</summary>
/// <param name="Row">Where the thread's row of the first strip starts in shared memory.</param>
/// <param name="RowBytes">From one row to the next.</param>
internal readonly record struct MmaWeightRows(ulong Row, int RowBytes) : IMmaColumns
{
    public Word16 Load(int strip) => PtxInstructions.LoadMatrices(Row + (ulong)(16 * strip * RowBytes));
}

/// <summary>Strips that are columns of 64 neighbouring ones, 128 bytes of each row, whose words of 16 bytes are permuted by the row.</summary>
/// <param name="Row">Where the thread's row of the first strip starts in shared memory.</param>
internal readonly record struct MmaTokenColumns(ulong Row) : IMmaColumns
{
    public Word16 Load(int strip) => PtxInstructions.LoadMatricesAcross(Row ^ (ulong)(2 * Word16.Bytes * strip));
}

/// <summary>The sums of 16 rows and 16 columns: the left eight columns and the right eight.</summary>
internal readonly record struct MmaSquare(Quad Left, Quad Right)
{
    /// <summary>These plus the products with 16 elements of 16 weight rows.</summary>
    public MmaSquare AddProducts(Word16 x, Word16 weight) => new(
        PtxInstructions.MultiplyBfloat16(Left, x, weight.A, weight.B), PtxInstructions.MultiplyBfloat16(Right, x, weight.C, weight.D));
}

/// <summary>What is done with the sums of 64 rows and 16 columns.</summary>
internal interface IMmaVisitor
{
    /// <summary>Takes the strip of this number.</summary>
    void Visit(MmaStrip sums, int strip);
}

/// <summary>The sums of a warp: 64 rows and a number of strips of 16 columns, all in registers.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal interface IMmaSums<TSelf> where TSelf : unmanaged, IMmaSums<TSelf>
{
    /// <summary>Strips of 16 columns.</summary>
    int Strips { get; }

    /// <summary>sums plus the products of 16 elements.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="x">The rows of x.</param>
    /// <param name="columns">The elements of the columns.</param>
    /// <param name="first">The number of the first strip.</param>
    TSelf AddProducts<TColumns>(TSelf sums, MmaRows x, TColumns columns, int first) where TColumns : struct, IMmaColumns;

    /// <summary>Visits the strips, the first one as number <paramref name="first"/>.</summary>
    void Visit<TVisitor>(TSelf sums, TVisitor visitor, int first) where TVisitor : struct, IMmaVisitor;
}

/// <summary>64 rows and 16 columns.</summary>
internal readonly record struct MmaStrip(MmaSquare A, MmaSquare B, MmaSquare C, MmaSquare D) : IMmaSums<MmaStrip>
{
    public int Strips => 1;

    public MmaStrip AddProducts<TColumns>(MmaStrip sums, MmaRows x, TColumns columns, int first) where TColumns : struct, IMmaColumns
    {
        var strip = columns.Load(first);
        return new MmaStrip(
            sums.A.AddProducts(x.A, strip), sums.B.AddProducts(x.B, strip), sums.C.AddProducts(x.C, strip), sums.D.AddProducts(x.D, strip));
    }

    public void Visit<TVisitor>(MmaStrip sums, TVisitor visitor, int first) where TVisitor : struct, IMmaVisitor => visitor.Visit(sums, first);
}

/// <summary>Twice as many strips.</summary>
internal readonly record struct MmaTwice<TSums>(TSums Left, TSums Right) : IMmaSums<MmaTwice<TSums>> where TSums : unmanaged, IMmaSums<TSums>
{
    public int Strips => 2 * default(TSums).Strips;

    public MmaTwice<TSums> AddProducts<TColumns>(MmaTwice<TSums> sums, MmaRows x, TColumns columns, int first)
        where TColumns : struct, IMmaColumns => new(
        default(TSums).AddProducts(sums.Left, x, columns, first),
        default(TSums).AddProducts(sums.Right, x, columns, first + default(TSums).Strips));

    public void Visit<TVisitor>(MmaTwice<TSums> sums, TVisitor visitor, int first) where TVisitor : struct, IMmaVisitor
    {
        default(TSums).Visit(sums.Left, visitor, first);
        default(TSums).Visit(sums.Right, visitor, first + default(TSums).Strips);
    }
}
