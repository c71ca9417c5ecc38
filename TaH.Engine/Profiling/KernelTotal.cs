namespace TaH.Engine;

/// <summary>All launches of one kernel for one purpose.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Variant">The variant that ran.</param>
/// <param name="Stage">What it is for in the model.</param>
/// <param name="Sizes">Its sizes, as in <see cref="KernelWork.Sizes"/>.</param>
/// <param name="Calls">How many launches.</param>
/// <param name="Seconds">Their time together.</param>
/// <param name="Shortest">The shortest of them, in seconds.</param>
/// <param name="Longest">The longest of them, in seconds.</param>
/// <param name="Bytes">Bytes that they had to move together.</param>
/// <param name="Flops">Operations that they had to do together.</param>
public sealed record KernelTotal(
    string Operation, string Variant, string Stage, string Sizes, int Calls, double Seconds, double Shortest, double Longest, long Bytes, long Flops)
{
    /// <summary>Bytes a second that were reached.</summary>
    public double BytesPerSecond => Seconds > 0 ? Bytes / Seconds : 0;

    /// <summary>Operations a second that were reached.</summary>
    public double FlopsPerSecond => Seconds > 0 ? Flops / Seconds : 0;

    /// <summary>Operations a byte: where it stands on a roofline.</summary>
    public double Intensity => Bytes > 0 ? (double)Flops / Bytes : 0;

    /// <summary>The time that bytes and operations would take at the ceilings, whichever is more.</summary>
    public double LeastSeconds(DeviceCeilings ceilings) => Math.Max(Bytes / ceilings.ReadBytesPerSecond, Flops / ceilings.MatrixFlopsPerSecond);

    /// <summary>Whether arithmetic, not memory, is what bounds it.</summary>
    public bool IsMatrixBound(DeviceCeilings ceilings) => Flops / ceilings.MatrixFlopsPerSecond > Bytes / ceilings.ReadBytesPerSecond;

    /// <summary>The share of the ceiling that was reached; above 1 where operands came from a cache.</summary>
    public double ShareOf(DeviceCeilings ceilings) => Seconds > 0 ? LeastSeconds(ceilings) / Seconds : 0;

    /// <summary>Seconds that would be saved at the ceiling.</summary>
    public double Potential(DeviceCeilings ceilings) => Math.Max(0, Seconds - LeastSeconds(ceilings));

    /// <summary>Adds up launches, each kernel, stage and size by itself, the longest first.</summary>
    public static IReadOnlyList<KernelTotal> Of(IEnumerable<KernelRun> runs) =>
    [
        .. runs.GroupBy(run => (run.Operation, run.Variant, run.Place.Stage, run.Work.Sizes))
            .Select(group => new KernelTotal(
                group.Key.Operation, group.Key.Variant, group.Key.Stage, group.Key.Sizes, group.Count(), group.Sum(run => run.Seconds),
                group.Min(run => run.Seconds), group.Max(run => run.Seconds), group.Sum(run => run.Work.Bytes), group.Sum(run => run.Work.Flops)))
            .OrderByDescending(total => total.Seconds),
    ];
}
