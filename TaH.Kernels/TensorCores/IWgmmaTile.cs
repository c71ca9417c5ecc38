namespace TaH.Kernels;

/// <summary>A tile of y that a group makes with two warpgroups, each 64 rows: how wide it is, and the instructions of that width.</summary>
internal interface IWgmmaTile
{
    /// <summary>Columns.</summary>
    int Columns { get; }

    /// <summary>Stages of both operands that are in shared memory at a time.</summary>
    int Stages { get; }

    /// <summary>Slices of a stage, 1 or 2: short products would leave the threads no time between barriers.</summary>
    int Slices { get; }

    /// <summary>Declares the sums.</summary>
    void Declare();

    /// <summary>Sets the sums to zero.</summary>
    void Clear();

    /// <summary>Starts the products of a slice.</summary>
    /// <param name="a">Lower half of the descriptor of x.</param>
    /// <param name="b">That of the weight's.</param>
    void StartSlice(uint a, uint b);

    /// <summary>Starts the products of a slice of both operands the other way round: rows of columns.</summary>
    /// <param name="a">Lower half of the descriptor of 64 columns of dy.</param>
    /// <param name="b">That of x's columns.</param>
    void StartColumns(uint a, uint b);

    /// <summary>Visits all strips of 16 columns.</summary>
    void Visit<TVisitor>(TVisitor visitor) where TVisitor : struct, IStripVisitor;
}

/// <summary>256 columns: the least traffic for each product.</summary>
internal readonly struct WgmmaTile256 : IWgmmaTile
{
    public int Columns => 256;

    public int Stages => 4;

    public int Slices => 1;

    public void Declare() => PtxInstructions.DeclareSums128();

    public void Clear() => PtxInstructions.ClearSums128();

    public void StartSlice(uint a, uint b) => PtxInstructions.StartSlice256(a, b);

    public void StartColumns(uint a, uint b) => PtxInstructions.StartColumns256(a, b);

    public void Visit<TVisitor>(TVisitor visitor) where TVisitor : struct, IStripVisitor =>
        default(TwiceStrips<TwiceStrips<TwiceStrips<TwiceStrips<OneStrip>>>>).Visit(visitor, 0);
}

/// <summary>192 columns: for shapes that fill the card better with these.</summary>
internal readonly struct WgmmaTile192 : IWgmmaTile
{
    public int Columns => 192;

    public int Stages => 5;

    public int Slices => 1;

    public void Declare() => PtxInstructions.DeclareSums96();

    public void Clear() => PtxInstructions.ClearSums96();

    public void StartSlice(uint a, uint b) => PtxInstructions.StartSlice192(a, b);

    public void StartColumns(uint a, uint b) => PtxInstructions.StartColumns192(a, b);

    public void Visit<TVisitor>(TVisitor visitor) where TVisitor : struct, IStripVisitor =>
        default(TwiceStrips<TwiceStrips<ThriceStrips<OneStrip>>>).Visit(visitor, 0);
}

/// <summary>128 columns.</summary>
internal readonly struct WgmmaTile128 : IWgmmaTile
{
    public int Columns => 128;

    public int Stages => 6;

    public int Slices => 1;

    public void Declare() => PtxInstructions.DeclareSums64();

    public void Clear() => PtxInstructions.ClearSums64();

    public void StartSlice(uint a, uint b) => PtxInstructions.StartSlice128(a, b);

    public void StartColumns(uint a, uint b) => PtxInstructions.StartColumns128(a, b);

    public void Visit<TVisitor>(TVisitor visitor) where TVisitor : struct, IStripVisitor =>
        default(TwiceStrips<TwiceStrips<TwiceStrips<OneStrip>>>).Visit(visitor, 0);
}

/// <summary>64 columns: for products too small to give every multiprocessor a wider tile.</summary>
internal readonly struct WgmmaTile64 : IWgmmaTile
{
    public int Columns => 64;

    public int Stages => 4;

    public int Slices => 2;

    public void Declare() => PtxInstructions.DeclareSums32();

    public void Clear() => PtxInstructions.ClearSums32();

    public void StartSlice(uint a, uint b) => PtxInstructions.StartSlice64(a, b);

    public void StartColumns(uint a, uint b) => PtxInstructions.StartColumns64(a, b);

    public void Visit<TVisitor>(TVisitor visitor) where TVisitor : struct, IStripVisitor =>
        default(TwiceStrips<TwiceStrips<OneStrip>>).Visit(visitor, 0);
}
