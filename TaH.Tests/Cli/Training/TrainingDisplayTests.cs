using Spectre.Console.Testing;
using TaH.Cli;

namespace TaH.Tests;

/// <summary>How a run looks: on a terminal, in a file, to a script.</summary>
public sealed class TrainingDisplayTests
{
    private static readonly TrainingPlan Plan = new(
        TrainingStage.Backbone, Steps: 200, FirstStep: 40, Parameters: 4_870_000, TrainedParameters: 4_870_000, Rows: 1000, RowsPerStep: 64,
        "NVIDIA [H200]", TrainingPrecision.Bf16);

    [Fact]
    public void The_picture_is_as_expected()
    {
        var run = CommandRun.Prepare();
        run.Terminal.Out.Profile.Width = 110;
        run.Terminal.Out.Write(RunPicture.Of(Meter(), "Ctrl-C ends it"));
        Expectation.Equals("train-live", run.Out);
    }

    [Fact]
    public void The_plain_line_is_as_expected() => Expectation.Equals("train-plain", RunWords.Of(Plan) + "\n" + RunWords.Of(Meter()));

    [Fact]
    public void A_terminal_gets_the_picture_a_file_lines_and_a_script_metrics()
    {
        var run = CommandRun.Prepare();
        Assert.IsType<PlainDisplay>(TrainingDisplay.Of(run.Terminal, json: false));
        Assert.IsType<TrainingLines>(TrainingDisplay.Of(run.Terminal, json: true));
        ((TestConsole)run.Terminal.Out).Interactive();
        run.Terminal.Out.Profile.Capabilities.Ansi = true;
        var display = Assert.IsType<LiveDisplay>(TrainingDisplay.Of(run.Terminal, json: false));
        using var interrupt = new CancellationTokenSource();
        display.Show(() =>
        {
            display.Started(Plan);
            display.Stepped(Step(41));
            display.Evaluated(new EvaluationMetrics(41, 1.5, 0.25, 1.1));
            Assert.DoesNotContain("ending behind this step", run.Out);
            interrupt.Cancel();
            Assert.Contains("ending behind this step", run.Out);
            display.Saved("out/state/step-00000041.safetensors");
        }, interrupt.Token);
        Assert.Contains("41 of 200", run.Out);
        Assert.Contains("step 41: loss 1.5000, 25.0 % of tokens right, 1.100 passes", run.Out);
        Assert.Contains("out/state/step-00000041.safetensors", run.Out);
    }

    [Fact]
    public void A_curve_has_a_cell_a_value_and_means_where_there_are_more()
    {
        Assert.Equal("", Sparkline.Of([], 5));
        Assert.Equal("▁", Sparkline.Of([3], 5));
        Assert.Equal("▁▁▁", Sparkline.Of([2, 2, 2], 5));
        Assert.Equal("▁▂▃▄▅▆▇█", Sparkline.Of([0, 1, 2, 3, 4, 5, 6, 7], 8));
        Assert.Equal("█▁", Sparkline.Of([9, 7, 1, 1, 2], 2));
        Assert.Equal("▁ █", Sparkline.Of([0, double.NaN, 1], 3));
    }

    [Fact]
    public void The_rest_takes_as_long_as_the_last_steps_did()
    {
        var meter = new RunMeter();
        meter.Start(Plan);
        Assert.Equal((40, TimeSpan.Zero), (meter.Step, meter.Left));
        for (var step = 41; step <= 45; step++) meter.Add(Step(step) with { Seconds = 10 });
        Assert.Equal(TimeSpan.FromSeconds(1550), meter.Left);
        // What kernels took to compile is forgotten after 20 steps.
        for (var step = 46; step <= 65; step++) meter.Add(Step(step) with { Seconds = 2 });
        Assert.Equal(TimeSpan.FromSeconds(270), meter.Left);
        Assert.Equal(5000, meter.TokensPerSecond);
    }

    private static RunMeter Meter()
    {
        var meter = new RunMeter();
        meter.Start(Plan);
        for (var step = 41; step <= 60; step++) meter.Add(Step(step));
        meter.Add(new EvaluationMetrics(60, 0.75, 0.875, 1.0625) { HardLoss = 2, HardAccuracy = 0.5 });
        meter.Save("out/state/step-00000060.safetensors");
        return meter;
    }

    private static StepMetrics Step(int step) => new(step, 100.0 / step, 0.25, 1e-4, 10_000, 1.07, 200.0 / step, 0.9, 0.5)
    {
        HardTokens = 700, HardAccuracy = 0.6, Flops = 1e14, PeakShare = 0.2, MemoryBytes = 12L << 30,
    };
}
