namespace TaH.Cli;

/// <summary>A progress bar for each file of a pull.</summary>
internal static class PullBars
{
    /// <summary>Shows the bars while the pull runs and gives its result.</summary>
    /// <param name="console">Where the bars appear; not standard output, which is for the result.</param>
    /// <param name="pull">Begins the pull.</param>
    public static PullResult Show(IAnsiConsole console, Func<IProgress<PullProgress>, Task<PullResult>> pull) => console.Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
            new TransferSpeedColumn(), new RemainingTimeColumn())
        .StartAsync(context => pull(new Bars(context)))
        .GetAwaiter().GetResult();

    private sealed class Bars(ProgressContext context) : IProgress<PullProgress>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(PullProgress value)
        {
            lock (_lock)
            {
                if (!_bars.TryGetValue(value.File, out var bar))
                    _bars[value.File] = bar = context.AddTask(Markup.Escape(value.File), maxValue: Math.Max(1, value.Size));
                bar.Value = value.IsDone ? bar.MaxValue : value.Bytes;
            }
        }
    }
}
