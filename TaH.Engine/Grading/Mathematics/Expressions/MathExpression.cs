namespace TaH.Engine;

/// <summary>A mathematical value as it was written: an immutable tree, nothing evaluated. Equality is equality of the trees.</summary>
/// <remarks>Source: the unevaluated expressions that latex2sympy2_extended builds for math-verify.</remarks>
public abstract record MathExpression
{
    /// <summary>The value as sympy's str would write it, as far as its order of terms is simple to follow.</summary>
    public string ToSympyText() => SympyText.Of(this);

    /// <inheritdoc/>
    public sealed override string ToString() => ToSympyText();
}
