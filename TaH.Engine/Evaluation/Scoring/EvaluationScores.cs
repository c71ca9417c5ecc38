namespace TaH.Engine;

/// <summary>What the samples of a task come to.</summary>
public sealed record TaskScore
{
    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>Problems with at least one sample.</summary>
    public required int Problems { get; init; }

    /// <summary>Samples in all.</summary>
    public required int Samples { get; init; }

    /// <summary>Verdicts of the reference grader.</summary>
    public required VerdictScore Official { get; init; }

    /// <summary>Verdicts of a careful person.</summary>
    public required VerdictScore Fair { get; init; }

    /// <summary>Tokens of an answer, on average.</summary>
    public required double AverageTokens { get; init; }

    /// <summary>Passes for a token, on average over all tokens.</summary>
    public required double AverageIterations { get; init; }

    /// <summary>The share of answers that the limit of tokens ended.</summary>
    public required double CutShare { get; init; }
}

/// <summary>One kind of verdict, summed up.</summary>
/// <param name="Correct">Samples that are right.</param>
/// <param name="Average">The share of right samples of a problem, averaged over problems: avg@N.</param>
/// <param name="StandardError">Of that average, from how problems differ; null for fewer than two.</param>
/// <param name="PassAtK">The unbiased estimate for each k, over the problems that have k samples.</param>
public sealed record VerdictScore(int Correct, double Average, double? StandardError, IReadOnlyDictionary<int, double> PassAtK);

/// <summary>Sums up samples.</summary>
public static class EvaluationScores
{
    /// <summary>A score for each task, in the order in which tasks first appear.</summary>
    public static IReadOnlyList<TaskScore> Of(IEnumerable<EvaluationSample> samples) =>
        [.. samples.GroupBy(sample => sample.Task, StringComparer.Ordinal).Select(group => OfTask(group.Key, [.. group]))];

    private static TaskScore OfTask(string task, EvaluationSample[] samples)
    {
        var problems = samples.GroupBy(sample => sample.Id, StringComparer.Ordinal).Select(group => group.ToArray()).ToArray();
        var tokens = samples.Sum(sample => (long)sample.Tokens.Count);
        return new TaskScore
        {
            Task = task,
            Problems = problems.Length,
            Samples = samples.Length,
            Official = Verdicts(problems, sample => sample.Official),
            Fair = Verdicts(problems, sample => sample.Fair),
            AverageTokens = (double)tokens / samples.Length,
            AverageIterations = tokens == 0 ? 0 : (double)samples.Sum(sample => sample.Iterations.Sum(passes => (long)passes)) / tokens,
            CutShare = samples.Count(sample => sample.FinishReason == "length") / (double)samples.Length,
        };
    }

    private static VerdictScore Verdicts(EvaluationSample[][] problems, Func<EvaluationSample, bool> isRight)
    {
        var counts = problems.Select(samples => (samples.Length, Right: samples.Count(isRight))).ToArray();
        var shares = counts.Select(count => (double)count.Right / count.Length).ToArray();
        var average = shares.Average();
        double? error = shares.Length < 2 ? null
            : Math.Sqrt(shares.Sum(share => (share - average) * (share - average)) / (shares.Length - 1.0) / shares.Length);
        var passes = new SortedDictionary<int, double>();
        foreach (var k in PassAtK.Columns(counts.Min(count => count.Length)))
            passes[k] = counts.Average(count => PassAtK.Of(count.Length, count.Right, k));
        return new VerdictScore(counts.Sum(count => count.Right), average, error, passes);
    }
}
