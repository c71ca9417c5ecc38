namespace TaH.Engine;

/// <summary>A variable or a name.</summary>
/// <param name="Name">Lower case where it was a single letter.</param>
/// <param name="IsReal">Whether it stands for real numbers only; symbols of one name and different kinds are different.</param>
public sealed record Symbol(string Name, bool IsReal = true) : MathExpression;

/// <summary>The numbers that have a letter of their own.</summary>
public enum NamedConstant
{
    /// <summary>The circle's circumference over its diameter.</summary>
    Pi,

    /// <summary>The base of natural logarithms.</summary>
    E,

    /// <summary>The root of -1.</summary>
    ImaginaryUnit,

    /// <summary>Beyond every number.</summary>
    Infinity,
}

/// <summary>A number that has a letter of its own.</summary>
public sealed record Constant(NamedConstant Name) : MathExpression;
