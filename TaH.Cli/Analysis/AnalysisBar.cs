namespace TaH.Cli;

/// <summary>A progress bar with the time that is left.</summary>
internal static class AnalysisBar
{
    /// <summary>Shows the bar while the analysis runs and gives its result.</summary>
    /// <param name="console">Where the bar appears; not standard output.</param>
    /// <param name="analyse">Does the work.</param>
    public static AnalysisResult Show(IAnsiConsole console, Func<IProgress<double>, AnalysisResult> analyse) => console.Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(),
            new RemainingTimeColumn())
        .Start(context =>
        {
            var bar = context.AddTask("analysing", maxValue: 1);
            return analyse(new Share(bar));
        });

    private sealed class Share(ProgressTask bar) : IProgress<double>
    {
        public void Report(double value) => bar.Value = value;
    }
}
