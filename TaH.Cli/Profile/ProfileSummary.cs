namespace TaH.Cli;

/// <summary>A profile on the terminal: for each phase what was reached, the kernels, and where the next microsecond would come from.</summary>
/// <param name="profile">The profile.</param>
/// <param name="terminal">Where it goes.</param>
/// <param name="all">Whether even the smallest kernels have a row.</param>
internal sealed class ProfileSummary(ModelProfile profile, Terminal terminal, bool all)
{
    private const int MostSavings = 5;

    private const double Small = 0.004; // of the time: a line too thin to see

    private readonly KernelColors _operations = new(profile, kernel => kernel.Operation);
    private readonly KernelColors _stages = new(profile, kernel => kernel.Stage);

    /// <summary>Writes it.</summary>
    public void Write()
    {
        foreach (var phase in profile.Phases)
        {
            Write(phase);
            terminal.WriteLine();
        }
        terminal.WriteLine(About());
    }

    private void Write(ProfilePhase phase)
    {
        var width = terminal.Out.Profile.Width;
        terminal.Out.Write(new Rule(Title(phase)) { Justification = Justify.Left, Style = Terminal.Faint });
        terminal.WriteLine();
        if (terminal.HasColors) terminal.Out.Write(Chart(phase, Math.Min(width, 110)));
        terminal.Out.Write(new ProfileTable(profile, phase, _operations, width, all).Build());
        WriteTimes(phase);
        WriteSavings(phase);
    }

    private string Title(ProfilePhase phase)
    {
        FormattableString facts =
            $"{Plural.Of(phase.Tokens, "token")} in {Plural.Of(phase.Passes.Count, "pass")}, {phase.TokensPerSecond:N1} tokens/s";
        var share = Measures.Percent(phase.ShareOf(profile.Ceilings));
        return $"[bold]{phase.Name}[/]: {FormattableString.Invariant(facts)}, {share} of the ceiling";
    }

    private BreakdownChart Chart(ProfilePhase phase, int width)
    {
        var chart = new BreakdownChart().Width(width).UseValueFormatter(value => Measures.Percent(value));
        var rest = (phase.GapsInside + phase.GapsBetween) / phase.Span;
        foreach (var stage in phase.Kernels.GroupBy(kernel => kernel.Stage).OrderByDescending(group => group.Sum(kernel => kernel.Seconds)))
        {
            var share = stage.Sum(kernel => kernel.Seconds) / phase.Span;
            if (share >= Small) chart.AddItem(stage.Key, share, _stages.Of(stage.Key));
            else rest += share;
        }
        return chart.AddItem("gaps and rest", rest, Color.Grey);
    }

    private void WriteTimes(ProfilePhase phase)
    {
        string Each(double seconds) => Measures.Time(seconds / phase.Passes.Count);
        terminal.WriteLine($"A pass takes {Each(phase.PlainSeconds)} unprofiled and {Each(phase.ProfiledSeconds)} profiled; "
            + $"its kernels {Each(phase.Busy)} together, gaps between them {Each(phase.GapsInside)}, the gap to the next pass {Each(phase.GapsBetween)}.");
    }

    private void WriteSavings(ProfilePhase phase)
    {
        terminal.WriteLine();
        terminal.Write("Where the next microsecond would come from", new Style(decoration: Decoration.Bold));
        terminal.WriteLine(" (a pass, at the most):");
        foreach (var saving in phase.Savings(profile.Ceilings).Take(MostSavings))
        {
            terminal.Write($"  {Measures.Time(saving.Seconds / phase.Passes.Count),8}", new Style(Color.Green));
            terminal.WriteLine($"  {saving.What}: {saving.Why}");
        }
    }

    private string About()
    {
        var (device, ceilings) = (profile.Device, profile.Ceilings);
        var rates = $"read {Measures.Bytes(ceilings.ReadBytesPerSecond)}, matrix product {Measures.Flops(ceilings.MatrixFlopsPerSecond)}";
        return $"""
            {profile.Model} on {device.Selector}: {device.Name} ({device.Abilities}).
            Ceilings, measured in this process: {rates} (this engine's own kernel).
            "Of ceiling": the time that a kernel's bytes or operations, each counted once, take at the ceiling, over the time that it took.
            """;
    }
}
