namespace TaH.Cli;

/// <summary>A progress bar with the time that is left.</summary>
internal static class PruneBar
{
    /// <summary>Shows the bar while layers are judged and gives the result.</summary>
    /// <param name="console">Where the bar appears; not standard output.</param>
    /// <param name="prune">Does the work.</param>
    public static PruneResult Show(IAnsiConsole console, Func<IProgress<PruneProgress>, PruneResult> prune) => console.Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(),
            new RemainingTimeColumn())
        .Start(context => prune(new Bar(context.AddTask("measuring the whole model"))));

    private sealed class Bar(ProgressTask bar) : IProgress<PruneProgress>
    {
        public void Report(PruneProgress value)
        {
            (bar.MaxValue, bar.Value) = (value.Total, value.Measured);
            bar.Description = FormattableString.Invariant($"{value.Measured} of {value.Total} models measured");
        }
    }
}
