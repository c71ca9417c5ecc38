namespace TaH.Tests;

/// <summary>The gradients of every ablation, which the official code has no numbers for: against differences of the loss itself.</summary>
[Collection(DeviceCollection.Name)]
public class GradientDirectionTests(TestDevices devices)
{
    public static TheoryData<AttentionScope, bool, DeviceKind> Cases()
    {
        var cases = new TheoryData<AttentionScope, bool, DeviceKind>();
        foreach (var scope in Enum.GetValues<AttentionScope>())
            foreach (var addsLogits in new[] { true, false })
                foreach (var kind in Enum.GetValues<DeviceKind>()) cases.Add(scope, addsLogits, kind);
        return cases;
    }

    /// <summary>Along its own gradient g, a loss rises by |g| a unit: a missing or doubled part shows, whichever tensor it belongs to.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void The_loss_rises_along_its_gradient_by_the_gradients_norm(AttentionScope scope, bool addsLogits, DeviceKind kind)
    {
        using var scene = new TrainingScene(devices.OpenOrSkip(kind), "c_iter3_norm", TrainedParts.Backbone | TrainedParts.Lora);
        var golden = Golden.Parity("c_iter3_norm", "step1");
        var batch = GoldenBatch.Of(golden);
        var iterations = GoldenBatch.Packed(golden, "iter_count");
        // Every logit is mixed: with fewer, a change of who is among them makes the loss jump.
        var options = scene.Options with { Scope = scope, AddsLogits = addsLogits, SoftTopK = scene.Model.Shape.Vocab };
        using var step = new LanguageStep(scene.Operations, scene.Model, options);
        double Loss(bool backward) => step.Run(batch, iterations, 1, backward).Losses.Sum(loss => (double)loss);
        Loss(backward: true);
        var parameters = (
            from ParameterGroup @group in new[] { scene.Model.Backbone, scene.Model.Lora }
            from parameter in @group.Parameters
            select (Group: @group, parameter.Name, Value: @group.Read(parameter.Name), Gradient: @group.ReadGradient(parameter.Name))).ToArray();
        var norm = Math.Sqrt(parameters.Sum(parameter => parameter.Gradient.Sum(value => (double)value * value)));
        double At(double distance)
        {
            foreach (var (group, name, value, gradient) in parameters)
                group.Write(name, [.. value.Zip(gradient, (at, slope) => (float)(at + distance * slope / norm))]);
            return Loss(backward: false);
        }
        const double Step = 1e-4;
        var slope = (At(Step) - At(-Step)) / (2 * Step);
        // Third derivatives and f32 losses leave up to 6e-4 of it; a part of a hundredth of the gradient is 5e-3.
        Assert.Equal(1, slope / norm, tolerance: 2e-3);
    }
}
