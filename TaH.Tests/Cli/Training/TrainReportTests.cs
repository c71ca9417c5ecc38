using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>tah train report: one page with every point of one run or of several.</summary>
public sealed class TrainReportTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void The_page_stands_alone_and_holds_every_point()
    {
        var (first, second) = (Run("one", 7), Run("a </script><b>", 3));
        var remark = CommandRun.Of("train", "report", first, second, "--out", _directory.At("page.html"));
        remark.Succeeded();
        Assert.EndsWith("page.html: 10 steps; open it in a browser\n", remark.Error);
        var page = File.ReadAllText(_directory.At("page.html"));
        Assert.DoesNotContain("{{", page);
        Assert.DoesNotMatch(@"(?:src|href)\s*=|https?:|@import|url\(", page);
        Assert.DoesNotContain("</script><b>", page);
        using var data = JsonDocument.Parse(Regex.Match(page, "id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value);
        var runs = data.RootElement.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal([first, second], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Equal([7, 3], runs.Select(run => run.GetProperty("steps").GetProperty("step").GetArrayLength()));
        var metrics = MetricsFile.Read(first);
        Same(metrics.Steps.Select(step => (double?)step.Loss), "loss");
        Same(metrics.Steps.Select(step => step.HardLoss), "hard_loss");
        Same(metrics.Steps.Select(step => step.HardAccuracy), "hard_accuracy");
        Same(metrics.Steps.Select(step => (double?)step.Accuracy), "accuracy");
        Same(metrics.Steps.Select(step => (double?)step.AverageIterations), "average_iterations");
        Same(metrics.Steps.Select(step => (double?)step.LearningRate), "learning_rate");
        Same(metrics.Steps.Select(step => (double?)step.GradientNorm), "gradient_norm");
        Same(metrics.Steps.Select(step => (double?)step.TokensPerSecond), "tokens_per_second");
        Same(metrics.Evaluations.Select(evaluation => (double?)evaluation.Step), "step", "evaluations");
        Same(metrics.Evaluations.Select(evaluation => (double?)evaluation.Loss), "loss", "evaluations");
        Assert.Contains(Pairs("results"), pair => pair == ("evaluation, best", "loss 0.2500 behind step 2"));
        Assert.Contains(Pairs("settings"), pair => pair == ("lora.rank", "8"));
        Assert.Contains(Pairs("settings"), pair => pair == ("from_scratch", "false"));

        void Same(IEnumerable<double?> expected, string key, string part = "steps") => Assert.Equal(
            expected.Select(value => value is { } number ? (float?)number : null),
            runs[0].GetProperty(part).GetProperty(key).EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? null : (float?)item.GetSingle()));

        IEnumerable<(string?, string?)> Pairs(string part) =>
            runs[0].GetProperty(part).EnumerateArray().Select(pair => (pair[0].GetString(), pair[1].GetString()));
    }

    [Fact]
    public void A_run_that_has_no_settings_and_no_end_gets_a_page_beside_its_metrics()
    {
        var run = Run("one", 2);
        File.Delete(Path.Combine(run, RunSettingsFile.FileName));
        File.AppendAllText(Path.Combine(run, MetricsFile.FileName), "{\"step\":3,");
        CommandRun.Of("train", "report", run).Succeeded();
        Assert.True(File.Exists(Path.Combine(run, "report.html")));
    }

    [Theory]
    [InlineData("", 2, "which run? tah train report DIR, where DIR is the --out of a run")]
    [InlineData("no/such", 3, "no/such: does not exist; name the --out of a run")]
    [InlineData("{empty}", 3, "holds no metrics.jsonl; name the --out of a run")]
    [InlineData("{damaged}", 3, "metrics.jsonl: line 1: is no line of metrics: an object with step and loss was expected")]
    [InlineData("{settings}", 3, "run.json: holds no settings of a run")]
    [InlineData("{good} --out {good}", 2, "is a directory; name a file")]
    [InlineData("{good} --outt x", 2, "--outt is not an option of tah train report; did you mean --out?")]
    public void What_cannot_be_done_is_a_sentence(string line, int exitCode, string sentence)
    {
        foreach (var name in new[] { "empty", "damaged", "settings", "good" })
        {
            if (!line.Contains(name, StringComparison.Ordinal)) continue;
            line = line.Replace($"{{{name}}}", name == "empty" ? Directory.CreateDirectory(_directory.At(name)).FullName : Run(name, 2), StringComparison.Ordinal);
        }
        if (line.Contains("damaged", StringComparison.Ordinal)) File.WriteAllText(_directory.At("damaged/metrics.jsonl"), "{}\n{}\n");
        if (line.Contains("settings", StringComparison.Ordinal)) File.WriteAllText(_directory.At("settings/run.json"), "[");
        Assert.Contains(sentence, CommandRun.Of(["train", "report", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).FailedWith(exitCode));
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>What a run of some steps leaves: at every second one an evaluation, at the second the best.</summary>
    private string Run(string name, int steps)
    {
        var directory = Directory.CreateDirectory(_directory.At(name)).FullName;
        using (var log = new MetricsLog(directory, firstStep: 0))
        {
            for (var step = 1; step <= steps; step++)
            {
                var hasHard = step % 3 != 0;
                log.Add(new StepMetrics(
                    step, 3.0 / step, 0.1 * step, 1e-4 * step, 100 + step, 1 + (0.01 * step), hasHard ? 6.0 / step : null, 0.1 * step, 0.25)
                {
                    HardAccuracy = hasHard ? 0.05 * step : null, Flops = 1e9,
                });
                if (step % 2 == 0) log.Add(new EvaluationMetrics(step, step == 2 ? 0.25 : 0.5, 0.75, 1.1));
            }
        }
        var recipe = new TrainingRecipe { Stage = TrainingStage.Backbone, Model = "m", Data = "d", Output = directory, Lora = new LoraRecipe(Rank: 8) };
        RunSettingsFile.Write(directory, recipe, new TrainingPlan(recipe.Stage, steps, 0, 10, 10, 5, 1, "a device", TrainingPrecision.F32));
        return directory;
    }
}
