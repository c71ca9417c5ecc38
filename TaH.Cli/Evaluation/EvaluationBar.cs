namespace TaH.Cli;

/// <summary>A progress bar with the time that is left.</summary>
internal static class EvaluationBar
{
    /// <summary>Shows the bar while the evaluation runs and gives its result.</summary>
    /// <param name="console">Where the bar appears; not standard output.</param>
    /// <param name="evaluate">Does the work.</param>
    public static EvaluationResult Show(IAnsiConsole console, Func<IProgress<EvaluationProgress>, EvaluationResult> evaluate) => console.Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(),
            new RemainingTimeColumn())
        .Start(context => evaluate(new Bar(context.AddTask("solving"))));

    private sealed class Bar(ProgressTask bar) : IProgress<EvaluationProgress>
    {
        private readonly Lock _lock = new();

        public void Report(EvaluationProgress value)
        {
            lock (_lock)
            {
                // What earlier runs did says nothing about how long the rest takes.
                bar.MaxValue = Math.Max(1, value.Total - value.Resumed);
                bar.Value = value.Done - value.Resumed;
                var resumed = value.Resumed == 0 ? "" : FormattableString.Invariant($", {value.Resumed:N0} from before");
                bar.Description = FormattableString.Invariant(
                    $"{value.Done:N0}/{value.Total:N0}{resumed}, {value.Fair:N0} right, {value.InFlight} in flight, {value.Tokens:N0} tokens");
            }
        }
    }
}
