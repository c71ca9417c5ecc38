namespace TaH.Engine;

/// <summary>A finite set: its elements as written, doubles included.</summary>
public sealed record FiniteSet(ExpressionList Written) : MathExpression
{
    /// <summary>Each element once.</summary>
    public ExpressionList Elements { get; } = [.. Written.Distinct()];

    /// <summary>Same elements, in any order.</summary>
    public bool Equals(FiniteSet? other) =>
        other is not null && Elements.Count == other.Elements.Count && Elements.ToHashSet().SetEquals(other.Elements);

    /// <inheritdoc/>
    public override int GetHashCode() => Elements.Aggregate(Elements.Count, (hash, element) => hash ^ element.GetHashCode());
}

/// <summary>An ordered row of values.</summary>
public sealed record TupleValue(ExpressionList Elements) : MathExpression;

/// <summary>The numbers between two ends.</summary>
public sealed record Interval(MathExpression Start, MathExpression End, bool LeftOpen, bool RightOpen) : MathExpression;

/// <summary>The sets with a letter of their own, and the empty one.</summary>
public enum KnownSet
{
    /// <summary>No element.</summary>
    Empty,

    /// <summary>1, 2, 3, ...</summary>
    Naturals,

    /// <summary>Whole numbers.</summary>
    Integers,

    /// <summary>Fractions.</summary>
    Rationals,

    /// <summary>The number line.</summary>
    Reals,

    /// <summary>The number plane.</summary>
    Complexes,
}

/// <summary>A set with a letter of its own.</summary>
public sealed record NamedSet(KnownSet Name) : MathExpression;

/// <summary>How two sets are joined.</summary>
public enum SetOperator
{
    /// <summary>In one or the other.</summary>
    Union,

    /// <summary>In both.</summary>
    Intersection,

    /// <summary>In the first alone.</summary>
    Difference,
}

/// <summary>Two sets joined.</summary>
public sealed record JoinedSet(SetOperator Operator, MathExpression Left, MathExpression Right) : MathExpression;

/// <summary>A matrix, row by row.</summary>
/// <param name="Columns">Elements a row.</param>
/// <param name="Elements">[rows * columns].</param>
public sealed record MatrixValue(int Columns, ExpressionList Elements) : MathExpression
{
    /// <summary>Number of rows.</summary>
    public int Rows => Elements.Count / Columns;
}
