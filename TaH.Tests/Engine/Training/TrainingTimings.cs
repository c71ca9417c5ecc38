using System.Diagnostics;

namespace TaH.Tests;

/// <summary>
/// What a training step of the tiny model's and of Qwen3-0.6B's size takes on the first card, and which operations take it: nothing is asserted.
/// Asked for by <c>-class TaH.Tests.TrainingTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class TrainingTimings(TestDevices devices)
{
    // 480 sequences of 120 tokens are about what 512 of the tiny model's problems are.
    [Theory(Explicit = true), InlineData("tiny", 480, 120, 1), InlineData("tiny", 480, 120, 2), InlineData("qwen3-0.6b", 1, 4096, 1)]
    [InlineData("qwen3-0.6b", 8, 512, 1), InlineData("qwen3-0.6b", 1, 4096, 2)]
    [InlineData("qwen3-0.6b", 1, 4096, 1, 8), InlineData("qwen3-0.6b", 4, 4096, 1, 4)]
    public void Print(string size, int sequences, int length, int depths, int microBatches = 1)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var model = Description(size);
        using var operations = new TrainingOperations(device, TrainingPrecision.Bf16, model.Shape.HeadDim, model.Shape.RopeTheta);
        using var parameters = new TrainingModel(operations, model, TrainedParts.Backbone | TrainedParts.Lora);
        ParameterInitialiser.FromScratch(parameters, new Xoshiro256(1), 0.02f);
        using var optimizer = new Optimizer(operations, parameters, new OptimizerSettings());
        using var step = new LanguageStep(operations, parameters, new StepOptions { HeadRows = size == "tiny" ? 8192 : 2048 });
        var (batch, iterations) = Batch(model.Shape.Vocab, sequences, length, depths);
        for (var i = 0; i < 2; i++) Run();
        var start = Stopwatch.GetTimestamp();
        const int Steps = 5;
        for (var i = 0; i < Steps; i++) Run();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / Steps;
        // As in the PaLM paper: six operations a parameter and token, and for attention twelve a layer, head element and token seen, half of them causal.
        var tokens = (double)microBatches * iterations.Sum();
        var weights = parameters.Backbone.Parameters.Sum(parameter => parameter.Length);
        var attention = 6.0 * model.Shape.Layers * model.Shape.Heads * model.Shape.HeadDim * length * tokens;
        var flops = (6 * weights * tokens) + attention;
        Console.WriteLine(FormattableString.Invariant(
            $"STEP {size} {microBatches} x {sequences} x {length}, depths {depths}: {seconds * 1e3:F1} ms, {tokens / seconds:N0} tokens/s, {flops / seconds / 1e12:F0} TFLOP/s, ")
            + FormattableString.Invariant($"{(flops + attention) / seconds / 1e12:F0} with attention whole, {DeviceMemory.InUse(device) / 1e9:F1} GB"));
        using var profiler = KernelProfiler.Attach(device);
        profiler.BeginPass(new ProfiledPass(0, 0, 0, 0));
        Run();
        var log = profiler.Take();
        foreach (var line in log.Runs.GroupBy(run => run.Operation).Select(runs => (Name: runs.Key, Count: runs.Count(), Time: runs.Sum(run => run.Seconds)))
            .OrderByDescending(line => line.Time).Take(14))
            Console.WriteLine(FormattableString.Invariant($"  OP {line.Name} x{line.Count}: {line.Time * 1e3:F2} ms"));

        void Run()
        {
            for (var i = 0; i < microBatches; i++) step.Run(batch, iterations, 1e-4f, backward: true);
            optimizer.GradientNorm();
            optimizer.Step(0, 1e-5);
            device.Synchronize();
        }
    }

    private static (PackedBatch Batch, int[] Iterations) Batch(int vocab, int sequences, int length, int depths)
    {
        var count = sequences * length;
        var random = new Random(5);
        int[] tokens = [.. Enumerable.Range(0, count).Select(_ => random.Next(vocab))];
        int[] iterations = [.. Enumerable.Range(0, count).Select(_ => random.Next(100) < 7 ? depths : 1)];
        return (new PackedBatch(
            tokens, [.. tokens.Select((_, i) => i % length == length - 1 ? -1 : tokens[i + 1])], iterations,
            [.. Enumerable.Range(0, count).Select(i => i % length)], [.. Enumerable.Range(0, sequences).Select(i => i * length)]), iterations);
    }

    private static ModelDescription Description(string size)
    {
        using var checkpoint = Checkpoint.Open(Golden.TinyModel);
        var tiny = ModelDescription.Of(checkpoint) with { Decider = null };
        return size == "tiny" ? tiny : tiny with { Config = SyntheticRecipe.Published.Single(recipe => recipe.Name == size).Config };
    }
}
