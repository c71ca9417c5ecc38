namespace TaH.Engine;

/// <summary>How two sides of a relation stand to each other.</summary>
public enum RelationKind
{
    /// <summary>=, and "is an element of", which the reference reads as =.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Smaller.</summary>
    Less,

    /// <summary>Smaller or equal.</summary>
    LessOrEqual,

    /// <summary>Larger.</summary>
    Greater,

    /// <summary>Larger or equal.</summary>
    GreaterOrEqual,
}

/// <summary>Two sides and how they stand to each other.</summary>
public sealed record Relation(RelationKind Kind, MathExpression Left, MathExpression Right) : MathExpression;

/// <summary>a &lt; b = c: relations in written order, each beginning with the side the one before ended with.</summary>
public sealed record RelationChain(ExpressionList Relations) : MathExpression
{
    /// <summary>The relation at the end.</summary>
    public Relation Last => (Relation)Relations[^1];

    /// <summary>The relation at the start.</summary>
    public Relation First => (Relation)Relations[0];
}
