namespace TaH.Cli;

/// <summary>A progress bar with the time that is left.</summary>
internal static class LabelBar
{
    /// <summary>Shows the bar while the labelling runs and gives its result.</summary>
    /// <param name="console">Where the bar appears; not standard output.</param>
    /// <param name="label">Does the work.</param>
    public static LabelSummary Show(IAnsiConsole console, Func<IProgress<LabelProgress>, LabelSummary> label) => console.Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(),
            new RemainingTimeColumn())
        .Start(context => label(new Bar(context.AddTask("labelling"))));

    private sealed class Bar(ProgressTask bar) : IProgress<LabelProgress>
    {
        public void Report(LabelProgress value)
        {
            bar.MaxValue = Math.Max(1, value.TotalRows);
            bar.Value = value.Rows;
            bar.Description = FormattableString.Invariant($"{value.Rows:N0} rows, {value.Tokens:N0} tokens");
        }
    }
}
