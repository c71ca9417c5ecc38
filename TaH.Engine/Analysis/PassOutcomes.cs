namespace TaH.Engine;

/// <summary>What one pass found out about the tokens of a batch.</summary>
/// <param name="tokens">Of the batch.</param>
internal sealed class PassOutcomes(int tokens)
{
    /// <summary>[tokens]: what the accumulated logits say of the next token; only where it was asked.</summary>
    public LogitsMeasure[] Measures { get; } = new LogitsMeasure[tokens];

    /// <summary>[tokens]: the decider's logits; NaN where it did not run.</summary>
    public float[] DeciderLogits { get; } = Filled(tokens);

    private static float[] Filled(int count)
    {
        var values = new float[count];
        Array.Fill(values, float.NaN);
        return values;
    }
}

/// <summary>A batch under a policy.</summary>
/// <param name="Iterations">[tokens]: passes that each took.</param>
/// <param name="Passes">Of each depth that anybody reached what it found out.</param>
internal sealed record PolicyOutcomes(int[] Iterations, IReadOnlyList<PassOutcomes> Passes)
{
    /// <summary>What a token's last pass says.</summary>
    public LogitsMeasure Last(int token) => Passes[Iterations[token] - 1].Measures[token];
}
