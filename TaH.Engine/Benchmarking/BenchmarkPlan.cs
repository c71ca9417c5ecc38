namespace TaH.Engine;

/// <summary>What a benchmark measures: every test at every context depth, batch size and continue rate.</summary>
public sealed record BenchmarkPlan
{
    private const int MostRepetitions = 1000;

    /// <summary>Prompt lengths to prefill.</summary>
    public IReadOnlyList<int> Prompts { get; init; } = [512];

    /// <summary>Token counts to decode.</summary>
    public IReadOnlyList<int> Generations { get; init; } = [128];

    /// <summary>Positions that the grid holds before each test.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [0];

    /// <summary>Sequences that run as one batch.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [1];

    /// <summary>Shares of tokens that are sent through a second pass. Not looked at where <see cref="Policy"/> is given.</summary>
    public IReadOnlyList<double> ContinueRates { get; init; } = [0];

    /// <summary>Who decides about second passes instead of <see cref="ContinueRates"/>; null for the rates.</summary>
    public IterationPolicy? Policy { get; init; }

    /// <summary>Whether the token behind a hard one is guessed; see <see cref="GenerationRequest.Overlap"/>.</summary>
    public bool Overlap { get; init; }

    /// <summary>The share of guesses that hold, spread evenly, whatever was drawn; null for those that are right.</summary>
    public double? HeldRate { get; init; }

    /// <summary>Timed runs of each test, once it is warm.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>How sessions are opened; sequences and context are the tests' own.</summary>
    public SessionOptions Session { get; init; } = new();

    /// <summary>How many rows the plan has.</summary>
    public int RowCount => (Prompts.Count + Generations.Count) * Depths.Count * Batches.Count * (Policy is null ? ContinueRates.Count : 1);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="UsageException">The message names the value and its range.</exception>
    public void Validate()
    {
        foreach (var prompt in Prompts) Require(prompt >= 1, $"a prompt to prefill has 1 token or more, not {prompt:N0}");
        foreach (var generation in Generations) Require(generation >= 1, $"a test decodes 1 token or more, not {generation:N0}");
        foreach (var depth in Depths) Require(depth >= 0, $"a context has 0 positions or more, not {depth:N0}");
        foreach (var batch in Batches) Require(batch >= 1, $"a batch has 1 sequence or more, not {batch:N0}");
        foreach (var rate in ContinueRates) Require(rate is >= 0 and <= 1, $"a continue rate is from 0 to 1, not {rate}");
        Require(HeldRate is null or (>= 0 and <= 1), $"a share of guesses that hold is from 0 to 1, not {HeldRate}");
        Require(HeldRate is null || Overlap, $"a share of guesses that hold needs guesses, which overlapping makes");
        Require(HeldRate is null || Policy is null, $"a share of guesses that hold goes with continue rates, not with a policy");
        Require(Repetitions is >= 1 and <= MostRepetitions, $"a test is repeated 1 to {MostRepetitions:N0} times, not {Repetitions:N0}");
        Require(RowCount > 0, $"there is nothing to measure");
    }

    private static void Require(bool holds, FormattableString otherwise)
    {
        if (!holds) throw new UsageException(FormattableString.Invariant(otherwise));
    }
}
