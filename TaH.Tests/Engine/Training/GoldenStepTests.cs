namespace TaH.Tests;

/// <summary>One step of each stage against the official code: loss, every gradient, the norm of all.</summary>
[Collection(DeviceCollection.Name)]
public class GoldenStepTests(TestDevices devices)
{
    // The golden README's bound for gradients of an f32 engine.
    private const double Gradient = 1e-3;

    public static TheoryData<string, DeviceKind> Cases() => ParityPrefillTests.Cases();

    [Theory, MemberData(nameof(Cases))]
    public void Stage_one_has_the_official_loss_and_gradients(string fixture, DeviceKind kind)
    {
        using var scene = new TrainingScene(devices.OpenOrSkip(kind), fixture, TrainedParts.Backbone | TrainedParts.Lora);
        var golden = Golden.Parity(fixture, "step1");
        var batch = GoldenBatch.Of(golden);
        var labelled = batch.Labels.Count(label => label >= 0);
        using var step = new LanguageStep(scene.Operations, scene.Model, scene.Options);
        var iterations = IterationLabels.Of(batch, scene.Model.Shape.Depths, new Xoshiro256(1));
        Assert.Equal(GoldenBatch.Packed(golden, "iter_count"), iterations);
        var outcomes = step.Run(batch, iterations, 1f / labelled, backward: true);
        var sum = outcomes.Losses.Sum(loss => (double)loss);
        Assert.Equal(golden["loss_mean"].Floats[0], sum / labelled, tolerance: 1e-4);
        Assert.Equal(golden["loss_num_items"].Floats[0], sum / 64, tolerance: 1e-4);
        var squares = 0.0;
        foreach (var (name, gradient) in scene.Gradients("grad.base/", scene.Model.Backbone).Concat(scene.Gradients("grad.lora/", scene.Model.Lora)))
        {
            Near.RelativeL2(golden[name].Floats, gradient, Gradient, name);
            squares += gradient.Sum(value => (double)value * value);
        }
        Assert.Equal(1, Math.Sqrt(squares) / golden["grad_norm"].Floats[0], tolerance: Gradient);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_forced_continuation_has_the_official_loss(string fixture, DeviceKind kind)
    {
        using var scene = new TrainingScene(devices.OpenOrSkip(kind), fixture, TrainedParts.Backbone | TrainedParts.Lora);
        var golden = Golden.Parity(fixture, "step1");
        var batch = GoldenBatch.Of(golden, "forced.iter_count_labels");
        using var step = new LanguageStep(scene.Operations, scene.Model, scene.Options);
        // Which token was forced follows from torch's generator; that one was, and only one at each depth, from the rule.
        var forced = GoldenBatch.Packed(golden, "forced.iter_count");
        var ours = IterationLabels.Of(batch, scene.Model.Shape.Depths, new Xoshiro256(1));
        Assert.Equal(forced.Order(), ours.Order());
        var outcomes = step.Run(batch, forced, 1f, backward: false);
        var labelled = batch.Labels.Count(label => label >= 0);
        Assert.Equal(golden["forced.loss"].Floats[0], outcomes.Losses.Sum(loss => (double)loss) / labelled, tolerance: 1e-4);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Stage_two_has_the_official_loss_decisions_and_gradients(string fixture, DeviceKind kind)
    {
        using var scene = new TrainingScene(devices.OpenOrSkip(kind), fixture, TrainedParts.Decider);
        var golden = Golden.Parity(fixture, "step2");
        var batch = GoldenBatch.Of(golden);
        using var step = new DeciderStep(scene.Operations, scene.Model, scene.Options);
        var outcomes = step.Run(batch, scene.Model.Shape.Depths, positiveWeight: 5.4f, scale: 1, backward: true);
        Assert.Equal(GoldenBatch.Packed(golden, "iter_count"), outcomes.Iterations);
        for (var depth = 0; depth < outcomes.Logits.Length; depth++)
            Near.RelativeL2(golden[$"d{depth}.continue_logits"].Floats, outcomes.Logits[depth], Golden.Forward, $"decisions of depth {depth}");
        var loss = outcomes.Losses.Zip(outcomes.Targets, (losses, targets) => losses.Sum(value => (double)value) / targets).Sum();
        Assert.Equal(golden["loss_num_items_1"].Floats[0], loss, tolerance: 1e-4 * Math.Abs(loss));
        foreach (var (name, gradient) in scene.Gradients("grad.decider/", scene.Model.Decider))
            Near.RelativeL2(golden[name].Floats, gradient, Gradient, name);
    }

    // The fixtures' weights are drawn wide, which makes their gradients sensitive: on the CPU, with every operand rounded to bf16 before an f32 product,
    // they differ from the official f32 ones by up to 0.30 (layers.2.input_layernorm of b_untied_widehead). A wrong sign or a missing part is 1 or more.
    private const double Bfloat16Gradient = 0.35;

    [Theory, InlineData("a_tied"), InlineData("b_untied_widehead"), InlineData("c_iter3_norm")]
    public void Gradients_in_bfloat16_are_near_the_official_ones(string fixture)
    {
        using var scene = new TrainingScene(
            devices.OpenOrSkip(DeviceKind.Cuda), fixture, TrainedParts.Backbone | TrainedParts.Lora, TrainingPrecision.Bf16);
        var golden = Golden.Parity(fixture, "step1");
        var batch = GoldenBatch.Of(golden);
        using var step = new LanguageStep(scene.Operations, scene.Model, scene.Options);
        step.Run(batch, GoldenBatch.Packed(golden, "iter_count"), 1f / batch.Labels.Count(label => label >= 0), backward: true);
        foreach (var (name, gradient) in scene.Gradients("grad.base/", scene.Model.Backbone).Concat(scene.Gradients("grad.lora/", scene.Model.Lora)))
            Near.RelativeL2(golden[name].Floats, gradient, Bfloat16Gradient, name);
    }

    // One decision a token, so that none that falls the other way changes what deeper passes see.
    [Theory, InlineData("a_tied"), InlineData("b_untied_widehead")]
    public void The_deciders_gradients_in_bfloat16_are_near_the_official_ones(string fixture)
    {
        using var scene = new TrainingScene(devices.OpenOrSkip(DeviceKind.Cuda), fixture, TrainedParts.Decider, TrainingPrecision.Bf16);
        var golden = Golden.Parity(fixture, "step2");
        using var step = new DeciderStep(scene.Operations, scene.Model, scene.Options);
        step.Run(GoldenBatch.Of(golden), scene.Model.Shape.Depths, positiveWeight: 5.4f, scale: 1, backward: true);
        foreach (var (name, gradient) in scene.Gradients("grad.decider/", scene.Model.Decider))
            Near.RelativeL2(golden[name].Floats, gradient, Bfloat16Gradient, name);
    }
}
