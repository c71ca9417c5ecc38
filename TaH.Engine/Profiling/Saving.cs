namespace TaH.Engine;

/// <summary>Time that a phase could save.</summary>
/// <param name="What">The kernel and what it is for, or the gap.</param>
/// <param name="Seconds">How much of the phase's time, at the most.</param>
/// <param name="Why">What stands between it and the ceiling, as far as the numbers say.</param>
public sealed record Saving(string What, double Seconds, string Why)
{
    // A launch as short as this is mostly its own start and end; fusing it saves them.
    private const double Short = 20e-6;

    // Below this share of the ceiling, the ceiling is not what a kernel waits for.
    private const double Unbound = 0.3;

    internal static IReadOnlyList<Saving> Of(ProfilePhase phase, DeviceCeilings ceilings)
    {
        var gaps = new[]
        {
            new Saving("gaps between kernels", phase.GapsInside, "no kernel ran: fewer launches close them"),
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
        var (each, least) = (1e6 * kernel.Seconds / kernel.Calls, 1e6 * kernel.LeastSeconds(ceilings) / kernel.Calls);
        var share = kernel.ShareOf(ceilings);
        FormattableString reason = share switch
        {
            < Unbound when each * 1e-6 < Short =>
                $"{kernel.Calls:N0} launches of {each:N1} us for work of {least:0.0#} us: a part of a neighbour's launch, it would cost next to nothing",
            < Unbound => $"{each:N1} us a launch for work of {least:0.0#} us: neither memory nor arithmetic holds it, but latency or idle threads",
            _ when kernel.IsMatrixBound(ceilings) => $"computes at {100 * share:N0} % of the matrix ceiling",
            _ => $"moves its bytes at {100 * share:N0} % of the read ceiling",
        };
        return FormattableString.Invariant(reason);
    }
}
