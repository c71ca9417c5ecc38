namespace TaH.Engine;

/// <summary>A pass on the device's time line.</summary>
/// <param name="Number">Its number in the profile.</param>
/// <param name="Pass">What it ran over.</param>
/// <param name="Runs">Its launches, in order.</param>
public sealed record PassSpan(int Number, ProfiledPass Pass, IReadOnlyList<KernelRun> Runs)
{
    /// <summary>When its first launch began.</summary>
    public double Start => Runs[0].Start;

    /// <summary>When its last launch ended.</summary>
    public double End => Runs[^1].End;

    /// <summary>From begin to end.</summary>
    public double Seconds => End - Start;

    /// <summary>The time in which a kernel ran.</summary>
    public double Busy => Runs.Sum(run => run.Seconds);

    /// <summary>The time between its kernels.</summary>
    public double Gaps => Math.Max(0, Seconds - Busy);

    /// <summary>What kind of pass it is: <c>prefill</c>, <c>decode</c>, <c>second pass</c> or <c>mixed</c>.</summary>
    /// <param name="batch">Sequences of the profile.</param>
    public string Kind(int batch) => Pass switch
    {
        { DeepRows: 0 } when Pass.Rows > batch => "prefill",
        { DeepRows: 0 } => "decode",
        _ when Pass.DeepRows == Pass.Rows => "second pass",
        _ => "mixed",
    };

    /// <summary>Puts the launches of a log into their passes; what ran before the first belongs to none.</summary>
    public static IReadOnlyList<PassSpan> Of(KernelLog log) =>
    [
        .. log.Runs.Where(run => run.Place.Pass >= 0).GroupBy(run => run.Place.Pass)
            .Select(group => new PassSpan(group.Key, log.Passes[group.Key], [.. group])),
    ];
}
