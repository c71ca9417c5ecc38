namespace TaH.Engine;

/// <summary>A step's loss or gradient is infinite or not a number: the run cannot go on. The message is one sentence.</summary>
/// <param name="step">From 1.</param>
/// <param name="fact">What is wrong.</param>
public sealed class NonFiniteLossException(int step, string fact) : Exception($"step {step}: {fact}")
{
    private const int MostRows = 20;

    /// <summary>From 1.</summary>
    public int Step { get; } = step;

    /// <summary>What is wrong.</summary>
    public string Fact { get; } = fact;

    /// <summary>The same with what a user needs to look for the cause.</summary>
    /// <param name="rows">The rows of the step, from 0, in the order of the data.</param>
    internal NonFiniteLossException With(IReadOnlyList<int> rows)
    {
        var named = string.Join(", ", rows.Take(MostRows).Select(row => FormattableString.Invariant($"{row + 1}")));
        var more = rows.Count > MostRows ? FormattableString.Invariant($" and {rows.Count - MostRows:N0} more") : string.Empty;
        const string Hint = "the state before this step is saved; is the learning rate too high?";
        return new NonFiniteLossException(Step, $"{Fact}, with rows {named}{more} of those that are trained on; {Hint}");
    }
}
