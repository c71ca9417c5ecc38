namespace TaH.Tests;

/// <summary>Both stages in one step: each part's gradient is that of its own loss, and none reaches the backbone through the decider.</summary>
[Collection(DeviceCollection.Name)]
public class JointStageTests(TestDevices devices)
{
    private const string Fixture = "c_iter3_norm";

    private static readonly StepPlace Place = new(Seed: 3, Step: 5, MicroBatch: 0);

    private static TrainingRecipe Recipe => new()
    {
        Stage = TrainingStage.Joint, Model = "", Data = "", Output = "", MaxIter = 3, DeciderDropout = 0.25, Lora = new LoraRecipe(Dropout: 0.5),
    };

    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.Cuda)]
    public void Gradients_are_those_of_the_two_losses_alone(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var batch = GoldenBatch.Of(Golden.Parity(Fixture, "step1"));
        var totals = new StepTotals();
        using var both = new TrainingScene(device, Fixture, TrainedParts.Backbone | TrainedParts.Lora | TrainedParts.Decider);
        using (var joint = new JointStage(both.Operations, both.Model, Recipe, both.Options)) joint.Run(batch, joint.Count(batch), Place, totals);

        using var language = new TrainingScene(device, Fixture, TrainedParts.Backbone | TrainedParts.Lora);
        var languageTotals = new StepTotals();
        using (var stage = new LanguageStage(language.Operations, language.Model, Recipe, language.Options))
            stage.Run(batch, stage.Count(batch), Place, languageTotals);
        Assert.Equal((languageTotals.Loss, languageTotals.Counted, languageTotals.Hard), (totals.Loss, totals.Counted, totals.Hard));
        Same(language.Model.Backbone, both.Model.Backbone);
        Same(language.Model.Lora, both.Model.Lora);

        using var decider = new TrainingScene(device, Fixture, TrainedParts.Decider);
        using (var stage = new DeciderStage(decider.Operations, decider.Model, Recipe, decider.Options))
        {
            var passes = IterationLabels.Of(batch, maxIter: 3, Place.Random());
            var outcomes = stage.Run(batch, scale: 1, Place, passes);
            // Labels say who is decided about at depth 1, not decisions.
            Assert.Equal(Enumerable.Range(0, passes.Length).Where(token => passes[token] > 1), outcomes.Rows[1]);
            Assert.Equal(passes.Select(count => Math.Min(count, 3)), outcomes.Iterations);
            Assert.Equal(DeciderStage.LossOf(outcomes, stage.Count(batch)) / stage.Count(batch), totals.DecisionLoss / totals.Decisions, tolerance: 1e-9);
        }
        Same(decider.Model.Decider, both.Model.Decider);
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_bit_for_bit()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllLines(directory.At("rows.jsonl"), Enumerable.Range(0, 8).Select(row =>
            $$"""{"real_token":[{{string.Join(',', Enumerable.Range(0, 20).Select(i => (23 * row) + (7 * i)))}}],"mask":[{{string.Join(',', Enumerable.Repeat(1, 20))}}],"mismatch":[0,1{{string.Concat(Enumerable.Repeat(",0", 18))}}]}"""));
        TrainingRecipe To(string output) => Recipe with
        {
            Model = Golden.ParityCheckpoint("a_tied"), Data = directory.At("rows.jsonl"), Output = directory.At(output), MaxIter = 2, Steps = 4, BatchRows = 4,
            LearningRate = 1e-3, Lora = new LoraRecipe(Rank: 8, Alpha: 16),
        };
        Assert.Equal([1, 2, 3, 4], Run(To("whole")));
        Assert.Equal([1, 2], Run(To("parts"), stopBehind: 2));
        Assert.Equal([3, 4], Run(To("parts")));
        foreach (var file in new[] { "model.safetensors", "lora/adapter_model.safetensors", "iter_decider.safetensors" })
            Assert.Equal(File.ReadAllBytes(directory.At($"whole/{file}")), File.ReadAllBytes(directory.At($"parts/{file}")));
    }

    private static List<int> Run(TrainingRecipe recipe, int stopBehind = int.MaxValue)
    {
        using var cancellation = new CancellationTokenSource();
        using var run = TrainingRun.Open(recipe, new DeviceSelector(DeviceKind.Cpu, 0));
        var steps = new Steps(step =>
        {
            if (step >= stopBehind) cancellation.Cancel();
        });
        run.RunToEnd(steps, cancellation.Token);
        return steps.Seen;
    }

    private sealed class Steps(Action<int> done) : ITrainingObserver
    {
        public List<int> Seen { get; } = [];

        public void Started(TrainingPlan run)
        {
        }

        public void Stepped(StepMetrics metrics)
        {
            Seen.Add(metrics.Step);
            done(metrics.Step);
        }

        public void Evaluated(EvaluationMetrics metrics)
        {
        }

        public void Saved(string path)
        {
        }
    }

    private static void Same(ParameterGroup expected, ParameterGroup actual)
    {
        foreach (var parameter in expected.Parameters)
        {
            var gradient = expected.ReadGradient(parameter.Name);
            Assert.Equal(gradient, actual.ReadGradient(parameter.Name));
        }
        Assert.Contains(expected.Parameters, parameter => expected.ReadGradient(parameter.Name).Any(value => value != 0));
    }
}
