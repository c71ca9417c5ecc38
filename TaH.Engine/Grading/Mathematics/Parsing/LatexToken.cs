namespace TaH.Engine;

/// <summary>What a piece of LaTeX is.</summary>
internal enum LatexTokenKind
{
    Number, Percent, Letter, Euler, Differential, Styled, KnownSymbol, Infinity,
    Plus, Minus, Times, Divide, Modulo, PlusMinus, Bang, Prime, Degree,
    Open, Close, Bar, Comma, Semicolon, Subscript, Superscript,
    Relation, Approximately, In, NotIn, Subset, Superset, Union, Intersection, SetMinus, KnownSet,
    Function, SeveralArgumentsFunction, Fraction, Binomial, Choose, Root, Series, OperatorName, Boxed,
    MatrixStart, MatrixEnd, NextColumn, NextRow, ReservedWord, End,
}

/// <summary>A piece of LaTeX.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written, without spaces, or the name the grammar knows it by.</param>
/// <param name="Source">As written.</param>
internal readonly record struct LatexToken(LatexTokenKind Kind, string Text, string Source)
{
    /// <summary>Whether it is this piece of this kind.</summary>
    public bool Is(LatexTokenKind kind, string text) => Kind == kind && Text == text;
}
