using Spectre.Console.Rendering;

namespace TaH.Cli;

/// <summary>A run at a glance, in a frame: how far it is, how well it learns, how fast.</summary>
internal static class RunPicture
{
    private const int CurveWidth = 40;
    private const int BarWidth = 40;

    /// <summary>Draws what is known.</summary>
    /// <param name="meter">The run.</param>
    /// <param name="hint">What a person may do, or waits for; empty for nothing.</param>
    public static IRenderable Of(RunMeter meter, string hint)
    {
        var plan = meter.Plan!;
        var rows = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().PadRight(0));
        void Row(string name, string value, Style? style = null) =>
            rows.AddRow(new Text(name, Terminal.Faint), new Text(value, style ?? Style.Plain).Overflow(Overflow.Ellipsis));

        rows.AddRow(new Text("step", Terminal.Faint), Progress(meter));
        if (meter.Last is { } last)
        {
            Row("loss", FormattableString.Invariant($"{meter.SmoothedLoss:F4}   {Sparkline.Of(meter.Losses, CurveWidth)}"));
            Row("hard tokens", Hard(last));
            if (last.DeciderLoss is { } decider) Row("decider", FormattableString.Invariant($"loss {decider:F4}"));
            Row("right", Measures.Percent(last.Accuracy));
            Row("passes", FormattableString.Invariant($"{last.AverageIterations:F3} a token"));
            Row("learning rate", FormattableString.Invariant($"{last.LearningRate:G3}, gradient norm {last.GradientNorm:F3}"));
            Row("speed", FormattableString.Invariant($"{meter.TokensPerSecond:N0} tokens/s, {RunWords.Rate(meter)}"));
            if (last.MemoryBytes is { } bytes) Row("memory", Size.Of(bytes));
        }
        if (meter.Evaluation is { } evaluation) Row("evaluation", RunWords.Of(evaluation));
        if (meter.Saved is { } path) Row("saved", VisibleText.Of(path));
        if (hint.Length > 0) Row("", hint, Terminal.Faint);
        return new Panel(rows) { Border = BoxBorder.Rounded, Header = new PanelHeader(Title(plan)), Expand = false };
    }

    private static Text Progress(RunMeter meter)
    {
        var share = (double)meter.Step / Math.Max(1, meter.Plan!.Steps);
        var left = meter.Last is null ? string.Empty : $"   {RunWords.Time(meter.Left)} left";
        return new Text(FormattableString.Invariant(
            $"{Bar.Of(share, BarWidth)} {meter.Step:N0} of {meter.Plan.Steps:N0}, {Measures.Percent(share)}{left}"), new Style(Color.Green));
    }

    private static string Hard(StepMetrics last) => last is { HardLoss: { } loss, HardAccuracy: { } accuracy }
        ? FormattableString.Invariant($"loss {loss:F4}, {Measures.Percent(accuracy)} right, {last.HardTokens:N0} of {last.Tokens:N0} tokens")
        : "none in this step";

    private static string Title(TrainingPlan plan)
    {
        var stage = plan.Stage switch { TrainingStage.Base => "plain model", TrainingStage.Backbone => "stage 1", TrainingStage.Joint => "both stages", _ => "stage 2" };
        var parameters = $"{Size.Count(plan.TrainedParameters)} of {Size.Count(plan.Parameters)} parameters";
        return Markup.Escape($" {stage}: {parameters}, {RunWords.Precision(plan)}, {plan.Device} ");
    }
}
