namespace TaH.Engine;

/// <summary>Passes that serve one purpose: reading a prompt, or decoding.</summary>
/// <param name="Name"><c>prefill</c> or <c>decode</c>.</param>
/// <param name="Tokens">Tokens of all sequences that were read or made.</param>
/// <param name="Passes">The passes, in order; never none.</param>
/// <param name="Least">What the passes cost at the least, together; see <see cref="Cost"/>.</param>
/// <param name="PlainSeconds">How long they take while nobody profiles, as they run in earnest: the median of the runs.</param>
/// <param name="ProfiledSeconds">How long they took while they were profiled.</param>
/// <param name="LaunchesAhead">Whether launches return before their kernels have run, as on CUDA.</param>
public sealed record ProfilePhase(
    string Name, int Tokens, IReadOnlyList<PassSpan> Passes, IReadOnlyList<Cost> Least, double PlainSeconds, double ProfiledSeconds,
    bool LaunchesAhead)
{
    /// <summary>The kernels, the longest first.</summary>
    public IReadOnlyList<KernelTotal> Kernels { get; } = KernelTotal.Of(Passes.SelectMany(pass => pass.Runs));

    /// <summary>Launches in all.</summary>
    public int Launches => Passes.Sum(pass => pass.Runs.Count);

    /// <summary>The time in which a kernel ran.</summary>
    public double Busy => Passes.Sum(pass => pass.Busy);

    /// <summary>The time between kernels of a pass.</summary>
    public double GapsInside => Passes.Sum(pass => pass.Gaps);

    /// <summary>
    /// The time between passes, in which the host reads tokens and decisions and describes the next rows. Where launches run ahead, profiling holds
    /// each pass back until it is queued: there it is what a pass takes unprofiled beyond its kernels and the gaps between them.
    /// </summary>
    public double GapsBetween => LaunchesAhead
        ? Math.Max(0, PlainSeconds - Passes.Sum(pass => pass.Seconds))
        : Passes.Zip(Passes.Skip(1), (pass, next) => Math.Max(0, next.Start - pass.End)).Sum();

    /// <summary>Kernels and gaps together.</summary>
    public double Span => Busy + GapsInside + GapsBetween;

    /// <summary>Tokens a second, while nobody profiles.</summary>
    public double TokensPerSecond => Tokens / PlainSeconds;

    /// <summary>The share of the ceiling that is reached while nobody profiles; as in a benchmark's row.</summary>
    public double ShareOf(DeviceCeilings ceilings) => Least.Sum(cost => LeastSeconds(cost, ceilings)) / PlainSeconds;

    /// <summary>What could be saved, the most first: the time of each kernel over that at the ceiling, and the gaps.</summary>
    public IReadOnlyList<Saving> Savings(DeviceCeilings ceilings) => Saving.Of(this, ceilings);

    // The same rule as in a benchmark's row: decoding is held against memory alone.
    private double LeastSeconds(Cost pass, DeviceCeilings ceilings)
    {
        var reading = pass.Bytes / ceilings.ReadBytesPerSecond;
        return Name == PrefillName ? Math.Max(reading, pass.Flops / ceilings.MatrixFlopsPerSecond) : reading;
    }

    internal const string PrefillName = "prefill";
    internal const string DecodeName = "decode";
}
