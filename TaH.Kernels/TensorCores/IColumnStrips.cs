namespace TaH.Kernels;

/// <summary>Does something with the sums of one strip: 16 neighbouring columns.</summary>
internal interface IStripVisitor
{
    /// <summary>Takes one strip.</summary>
    /// <param name="strip">Its number in the tile, a constant of the compiled kernel.</param>
    void Visit(int strip);
}

/// <summary>The strips of a tile, one after the other without a loop, because registers have no index.</summary>
internal interface IColumnStrips
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Visits them all.</summary>
    /// <param name="visitor">What is done.</param>
    /// <param name="first">The number of the first one.</param>
    void Visit<TVisitor>(TVisitor visitor, int first) where TVisitor : struct, IStripVisitor;
}

/// <summary>One strip.</summary>
internal readonly struct OneStrip : IColumnStrips
{
    public int Count => 1;

    public void Visit<TVisitor>(TVisitor visitor, int first) where TVisitor : struct, IStripVisitor => visitor.Visit(first);
}

/// <summary>Twice as many.</summary>
internal readonly struct TwiceStrips<TStrips> : IColumnStrips where TStrips : struct, IColumnStrips
{
    public int Count => 2 * default(TStrips).Count;

    public void Visit<TVisitor>(TVisitor visitor, int first) where TVisitor : struct, IStripVisitor
    {
        default(TStrips).Visit(visitor, first);
        default(TStrips).Visit(visitor, first + default(TStrips).Count);
    }
}

/// <summary>Three times as many.</summary>
internal readonly struct ThriceStrips<TStrips> : IColumnStrips where TStrips : struct, IColumnStrips
{
    public int Count => 3 * default(TStrips).Count;

    public void Visit<TVisitor>(TVisitor visitor, int first) where TVisitor : struct, IStripVisitor
    {
        default(TStrips).Visit(visitor, first);
        default(TStrips).Visit(visitor, first + default(TStrips).Count);
        default(TStrips).Visit(visitor, first + (2 * default(TStrips).Count));
    }
}
