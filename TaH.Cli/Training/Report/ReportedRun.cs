using System.Globalization;

namespace TaH.Cli;

/// <summary>A run as a report shows it.</summary>
/// <param name="Name">Its directory.</param>
/// <param name="Metrics">How it went.</param>
/// <param name="Settings">What it was told.</param>
internal sealed record ReportedRun(string Name, RunMetrics Metrics, IReadOnlyList<(string Name, string Value)> Settings)
{
    /// <summary>Reads what a run left in its output directory; it may still last.</summary>
    /// <exception cref="BadFileException">There is no such directory, or no metrics in it that can be read.</exception>
    public static ReportedRun Read(string directory)
    {
        if (!Directory.Exists(directory)) throw new BadFileException(directory, null, "does not exist; name the --out of a run");
        if (!File.Exists(Path.Combine(directory, MetricsFile.FileName)))
            throw new BadFileException(directory, null, $"holds no {MetricsFile.FileName}; name the --out of a run");
        return new ReportedRun(Path.TrimEndingDirectorySeparator(directory), MetricsFile.Read(directory), RunSettingsFile.Read(directory));
    }

    /// <summary>What came out, by name.</summary>
    public IEnumerable<(string Name, string Value)> Results()
    {
        var (steps, evaluations) = (Metrics.Steps, Metrics.Evaluations);
        if (steps.Count > 0)
        {
            var seconds = steps.Sum(step => step.Seconds);
            yield return ("steps", Text($"{steps[^1].Step:N0}"));
            yield return ("tokens", Text($"{steps.Sum(step => step.Tokens):N0}"));
            yield return ("time in steps", RunWords.Time(TimeSpan.FromSeconds(seconds)));
            yield return ("tokens a second", Text($"{steps.Sum(step => step.Tokens) / Math.Max(1e-9, seconds):N0}"));
            yield return ("loss, first step", Text($"{steps[0].Loss:F4}"));
            yield return ("loss, mean of the last 20 steps", Text($"{steps.TakeLast(20).Average(step => step.Loss):F4}"));
            yield return ("right, mean of the last 20 steps", Measures.Percent(steps.TakeLast(20).Average(step => step.Accuracy)));
        }
        if (evaluations.Count == 0) yield break;
        var (last, best) = (evaluations[^1], evaluations.MinBy(evaluation => evaluation.Loss)!);
        yield return ("evaluation, last", Text($"loss {last.Loss:F4} behind step {last.Step:N0}"));
        yield return ("evaluation, best", Text($"loss {best.Loss:F4} behind step {best.Step:N0}"));
        yield return ("right in the last evaluation", Measures.Percent(last.Accuracy));
        if (last.HardAccuracy is { } hard) yield return ("right in the last evaluation, of hard tokens", Measures.Percent(hard));
        yield return ("passes in the last evaluation", Text($"{last.AverageIterations:F3}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
