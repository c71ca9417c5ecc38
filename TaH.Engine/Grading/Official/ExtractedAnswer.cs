namespace TaH.Engine;

/// <summary>What was found in a text.</summary>
/// <param name="Value">Its value; null where it could not be parsed, and for letters.</param>
/// <param name="Text">The text that the value came from, normalised.</param>
internal sealed record ExtractedAnswer(MathExpression? Value, string Text)
{
    /// <summary>Whether reading it succeeded, so that the search ends here.</summary>
    public bool IsWhole { get; init; } = Value is not null;
}
