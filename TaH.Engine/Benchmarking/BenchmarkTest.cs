namespace TaH.Engine;

/// <summary>One thing that is measured.</summary>
/// <param name="Kind">Prefill or decode.</param>
/// <param name="Tokens">Tokens of each sequence.</param>
/// <param name="Depth">Positions that the grid holds before.</param>
public readonly record struct BenchmarkTest(BenchmarkKind Kind, int Tokens, int Depth)
{
    /// <summary>The name, as llama-bench writes it: <c>pp512</c>, <c>tg128</c>, <c>tg128 @ d8192</c>.</summary>
    public string Name
    {
        get
        {
            var test = FormattableString.Invariant($"{(Kind == BenchmarkKind.Prefill ? "pp" : "tg")}{Tokens}");
            return Depth == 0 ? test : FormattableString.Invariant($"{test} @ d{Depth}");
        }
    }
}

/// <summary>What a benchmark's test runs.</summary>
public enum BenchmarkKind
{
    /// <summary>All tokens are known before; the last one's logits choose a token.</summary>
    Prefill,

    /// <summary>Each token is drawn from the logits of the one before.</summary>
    Decode,
}
