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
