using System.Globalization;

namespace TaH.Cli;

/// <summary>How a run goes, in words and numbers.</summary>
internal static class RunWords
{
    /// <summary>What will happen.</summary>
    public static string Of(TrainingPlan run)
    {
        var resumed = run.FirstStep > 0 ? $", going on behind step {run.FirstStep:N0}" : string.Empty;
        return FormattableString.Invariant(
            $"training {run.TrainedParameters:N0} of {run.Parameters:N0} parameters in {Precision(run)} on {run.Device}: {run.Rows:N0} rows, ")
            + FormattableString.Invariant($"{run.RowsPerStep:N0} a step, {run.Steps:N0} steps") + resumed;
    }

    /// <summary>The last step in a line.</summary>
    public static string Of(RunMeter meter)
    {
        var (last, steps) = (meter.Last!, meter.Plan!.Steps);
        var words = new List<string>
        {
            Text($"step {last.Step,6:N0}/{steps:N0}"), Text($"loss {meter.SmoothedLoss:F4}"), Text($"right {Measures.Percent(last.Accuracy)}"),
        };
        if (last.HardLoss is { } loss) words.Add(Text($"hard: loss {loss:F4}"));
        if (last.HardAccuracy is { } accuracy) words.Add(Text($"right {Measures.Percent(accuracy)}"));
        if (last.DeciderLoss is { } decider) words.Add(Text($"decider {decider:F4}"));
        words.Add(Text($"passes {last.AverageIterations:F3}"));
        words.Add(Text($"norm {last.GradientNorm:F3}"));
        words.Add(Text($"rate {last.LearningRate:G3}"));
        words.Add(Text($"{meter.TokensPerSecond:N0} tokens/s"));
        words.Add(Rate(meter));
        if (last.MemoryBytes is { } bytes) words.Add(Size.Of(bytes));
        words.Add($"{Time(meter.Left)} left");
        return string.Join("  ", words);
    }

    /// <summary>An evaluation.</summary>
    public static string Of(EvaluationMetrics metrics)
    {
        var hard = metrics is { HardLoss: { } loss, HardAccuracy: { } accuracy }
            ? Text($"; of hard ones loss {loss:F4}, {Measures.Percent(accuracy)} right")
            : string.Empty;
        return Text($"step {metrics.Step:N0}: loss {metrics.Loss:F4}, {Measures.Percent(metrics.Accuracy)} of tokens right, ")
            + Text($"{metrics.AverageIterations:F3} passes") + hard;
    }

    /// <summary>Operations a second, and as a part of what the device could do where that is known.</summary>
    public static string Rate(RunMeter meter)
    {
        var rate = Measures.Flops(meter.FlopsPerSecond);
        return meter.Last is { PeakShare: { } share, FlopsPerSecond: > 0 } last
            ? $"{rate} ({Measures.Percent(share * meter.FlopsPerSecond / last.FlopsPerSecond)} of peak)"
            : rate;
    }

    /// <summary>Hours, minutes, seconds.</summary>
    public static string Time(TimeSpan time) => Text($"{(long)time.TotalHours}:{time:mm\\:ss}");

    /// <summary>How to go on with a run that was interrupted.</summary>
    public static string HowToGoOn(RunMeter meter) => Text($"stopped behind step {meter.Step:N0} of {meter.Plan?.Steps ?? 0:N0}, and saved; ")
        + "the same command goes on from there, with --restart it begins anew";

    /// <summary>What products multiply.</summary>
    public static string Precision(TrainingPlan run) => run.Precision.ToString().ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
