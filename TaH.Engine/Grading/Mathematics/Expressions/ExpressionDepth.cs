namespace TaH.Engine;

/// <summary>How deep expressions may nest, so that walking them never runs out of stack.</summary>
internal static class ExpressionDepth
{
    /// <summary>Deeper expressions are not read.</summary>
    public const int Deepest = 250;

    /// <summary>Whether no part lies deeper; measured without recursion.</summary>
    public static bool IsWithinLimit(MathExpression value)
    {
        var open = new Stack<(MathExpression Value, int Depth)>([(value, 1)]);
        while (open.TryPop(out var next))
        {
            if (next.Depth > Deepest) return false;
            foreach (var part in SymbolNames.Parts(next.Value)) open.Push((part, next.Depth + 1));
        }
        return true;
    }
}
