using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class OptimizerTests(TestDevices devices)
{
    /// <summary>Of a rule that rounds weights itself nothing is rounded a second time, so what it leaves must be what products shall read.</summary>
    [Theory, InlineData(OptimizerKind.AdamW), InlineData(OptimizerKind.AdamW8Bit), InlineData(OptimizerKind.Sgd)]
    public void Products_read_the_new_weights(OptimizerKind kind)
    {
        using var scene = new TrainingScene(
            devices.OpenOrSkip(CudaGeneration.Ampere), "a_tied", TrainedParts.Backbone | TrainedParts.Lora, TrainingPrecision.Bf16);
        using var optimizer = new Optimizer(scene.Operations, scene.Model, new OptimizerSettings(kind, MaxGradientNorm: 0));
        foreach (var group in scene.Model.TrainedGroups) group.Gradients.CopyFromCPU(RandomData.Uniform(1, (int)group.Length));
        var before = scene.Model.Backbone.Read("model.norm.weight");
        optimizer.GradientNorm();
        optimizer.Step(step: 0, rate: 0.1);
        scene.Operations.Device.Synchronize();
        Assert.NotEqual(before, scene.Model.Backbone.Read("model.norm.weight"));
        foreach (var group in scene.Model.TrainedGroups)
        {
            var (values, narrowed, gradients) = (new float[group.Length], new ushort[group.Length], new float[group.Length]);
            group.Values.CopyToCPU(values);
            group.Narrowed.CopyToCPU(narrowed);
            group.Gradients.CopyToCPU(gradients);
            Assert.Equal(values.Select(value => default(Bfloat16Format).Narrow(value)), narrowed);
            Assert.All(gradients, gradient => Assert.Equal(0, gradient));
        }
    }
}
