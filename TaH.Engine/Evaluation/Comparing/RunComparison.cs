using System.Numerics;

namespace TaH.Engine;

/// <summary>Two runs over the same problems, compared problem by problem.</summary>
public sealed record RunComparison
{
    /// <summary>Problems that both runs have samples of.</summary>
    public required int Problems { get; init; }

    /// <summary>Problems of one run only, which are left out.</summary>
    public required int Unpaired { get; init; }

    /// <summary>Verdicts of the reference grader.</summary>
    public required VerdictComparison Official { get; init; }

    /// <summary>Verdicts of a careful person.</summary>
    public required VerdictComparison Fair { get; init; }

    /// <summary>Compares samples.</summary>
    /// <exception cref="UsageException">No problem is in both, or one has another reference answer in the other run.</exception>
    public static RunComparison Of(IEnumerable<EvaluationSample> first, IEnumerable<EvaluationSample> second)
    {
        var (a, b) = (ByProblem(first), ByProblem(second));
        var keys = a.Keys.Where(b.ContainsKey).ToList();
        if (keys.Count == 0) throw new UsageException("the two runs have no problem in common");
        foreach (var key in keys)
        {
            var (gold, other) = (a[key][0].Gold, b[key][0].Gold);
            if (gold != other)
                throw new UsageException($"{key.Id} has the reference answer {Words.Quoted(gold)} in one run and {Words.Quoted(other)} in the other");
        }
        return new RunComparison
        {
            Problems = keys.Count,
            Unpaired = a.Count + b.Count - (2 * keys.Count),
            Official = VerdictComparison.Of([.. keys.Select(key => Pair(key, a[key], b[key], sample => sample.Official))]),
            Fair = VerdictComparison.Of([.. keys.Select(key => Pair(key, a[key], b[key], sample => sample.Fair))]),
        };
    }

    private static PairedProblem Pair(
        (string Task, string Id) key, List<EvaluationSample> a, List<EvaluationSample> b, Func<EvaluationSample, bool> isRight) =>
        new(key.Task, key.Id, a.Count(isRight) / (double)a.Count, b.Count(isRight) / (double)b.Count);

    private static Dictionary<(string Task, string Id), List<EvaluationSample>> ByProblem(IEnumerable<EvaluationSample> samples) =>
        samples.GroupBy(sample => (sample.Task, sample.Id)).ToDictionary(group => group.Key, group => group.ToList());
}

/// <summary>A problem that two runs tried.</summary>
/// <param name="Task">Its task.</param>
/// <param name="Id">Its id.</param>
/// <param name="First">The share of the first run's samples that are right.</param>
/// <param name="Second">Of the second run's.</param>
public readonly record struct PairedProblem(string Task, string Id, double First, double Second)
{
    /// <summary>Whether more than half of the first run's samples are right.</summary>
    public bool FirstSolves => First > 0.5;

    /// <summary>Whether more than half of the second run's samples are right.</summary>
    public bool SecondSolves => Second > 0.5;
}

/// <summary>How one kind of verdict differs between two runs.</summary>
public sealed record VerdictComparison
{
    private const int Resamples = 10_000;
    private const long Seed = 1;

    /// <summary>The first run's accuracy, averaged over problems.</summary>
    public required double First { get; init; }

    /// <summary>The second run's.</summary>
    public required double Second { get; init; }

    /// <summary>Second less first.</summary>
    public double Difference => Second - First;

    /// <summary>The lower end of the difference's 95 % interval: percentiles of 10,000 bootstrap resamples of the problems, pairs kept.</summary>
    public required double Low { get; init; }

    /// <summary>The upper end.</summary>
    public required double High { get; init; }

    /// <summary>Problems that both solve: more than half of the samples are right.</summary>
    public required int Both { get; init; }

    /// <summary>Problems that neither solves.</summary>
    public required int Neither { get; init; }

    /// <summary>Problems that only the first run solves.</summary>
    public required IReadOnlyList<PairedProblem> OnlyFirst { get; init; }

    /// <summary>Problems that only the second run solves.</summary>
    public required IReadOnlyList<PairedProblem> OnlySecond { get; init; }

    /// <summary>McNemar's exact two-sided p-value: how likely so uneven a split of the problems that one solves is, were both runs as good.</summary>
    public required double McNemar { get; init; }

    internal static VerdictComparison Of(PairedProblem[] problems)
    {
        PairedProblem[] onlyFirst = [.. problems.Where(problem => problem is { FirstSolves: true, SecondSolves: false })];
        PairedProblem[] onlySecond = [.. problems.Where(problem => problem is { FirstSolves: false, SecondSolves: true })];
        var (low, high) = Bootstrap([.. problems.Select(problem => problem.Second - problem.First)]);
        return new VerdictComparison
        {
            First = problems.Average(problem => problem.First),
            Second = problems.Average(problem => problem.Second),
            Low = low,
            High = high,
            Both = problems.Count(problem => problem is { FirstSolves: true, SecondSolves: true }),
            Neither = problems.Count(problem => problem is { FirstSolves: false, SecondSolves: false }),
            OnlyFirst = onlyFirst,
            OnlySecond = onlySecond,
            McNemar = ExactMcNemar(onlyFirst.Length, onlySecond.Length),
        };
    }

    /// <summary>Twice the smaller tail of a fair coin's binomial, at most 1.</summary>
    internal static double ExactMcNemar(int first, int second)
    {
        var (n, tail) = (first + second, BigInteger.Zero);
        for (var i = 0; i <= Math.Min(first, second); i++) tail += PassAtK.Choose(n, i);
        var all = BigInteger.One << n;
        return PassAtK.Ratio(BigInteger.Min(2 * tail, all), all);
    }

    private static (double Low, double High) Bootstrap(double[] differences)
    {
        var random = new Xoshiro256(Seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var sum = 0.0;
            for (var draw = 0; draw < differences.Length; draw++) sum += differences[random.Below(differences.Length)];
            means[i] = sum / differences.Length;
        }
        Array.Sort(means);
        return (means[(int)(Resamples * 0.025)], means[(int)(Resamples * 0.975) - 1]);
    }
}
