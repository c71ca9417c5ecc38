namespace TaH.Engine;

/// <summary>Time that a phase could save.</summary>
/// <param name="What">The kernel and what it is for, or the gap.</param>
/// <param name="Seconds">How much of the phase's time, at the most.</param>
/// <param name="Why">What stands between it and the ceiling, as far as the numbers say.</param>
public sealed record Saving(string What, double Seconds, string Why)
{
    // A launch that would be over this soon at the ceiling waits for something else: to start, for its first operands, for its groups to meet.
    private const double TooShort = 2e-6;

    internal static IReadOnlyList<Saving> Of(ProfilePhase phase, DeviceCeilings ceilings)
    {
        var gaps = new[]
        {
            new Saving("gaps between kernels", phase.GapsInside, "nothing ran: fewer launches, or a recorded graph, close them"),
            new Saving("gaps between passes", phase.GapsBetween, "the host read tokens and decisions and described the next rows"),
        };
        return
        [
            .. phase.Kernels.Select(kernel => Of(kernel, ceilings)).Concat(gaps).Where(saving => saving.Seconds > 0)
                .OrderByDescending(saving => saving.Seconds),
        ];
    }

    private static Saving Of(KernelTotal kernel, DeviceCeilings ceilings) => new(
        string.Join(' ', new[] { kernel.Operation, kernel.Stage.Length > 0 ? $"({kernel.Stage})" : "", kernel.Sizes }.Where(part => part.Length > 0)),
        kernel.Potential(ceilings), Reason(kernel, ceilings));

    private static string Reason(KernelTotal kernel, DeviceCeilings ceilings)
    {
        var each = kernel.Seconds / kernel.Calls;
        var share = 100 * kernel.ShareOf(ceilings);
        if (kernel.LeastSeconds(ceilings) / kernel.Calls < TooShort && share < 50)
            return FormattableString.Invariant($"{kernel.Calls:N0} launches of {each * 1e6:N1} us with little to do: fuse them into a neighbour");
        return kernel.IsMatrixBound(ceilings)
            ? FormattableString.Invariant($"computes at {share:N0} % of the matrix ceiling")
            : FormattableString.Invariant($"moves its bytes at {share:N0} % of the read ceiling");
    }
}
