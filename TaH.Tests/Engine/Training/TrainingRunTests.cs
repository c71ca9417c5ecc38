namespace TaH.Tests;

/// <summary>Whole runs on the CPU: they learn, repeat themselves, go on where they stopped, and leave checkpoints that load.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _data;

    public TrainingRunTests()
    {
        _data = Path.Combine(_directory.Path, "rows.jsonl");
        File.WriteAllLines(_data, Enumerable.Range(0, 48).Select(i =>
            $$"""{"prompt":"What is {{10 + i}} * 3?","response":"<think>\nSo {{10 + i}} * 3 = {{(10 + i) * 3}}.\n</think>\n\nThe answer is {{(10 + i) * 3}}."}"""));
    }

    [Fact]
    public void Sixty_steps_lower_the_loss_and_are_the_same_twice()
    {
        var first = Run(Recipe("first") with { Steps = 60 });
        var second = Run(Recipe("second") with { Steps = 60 });
        Assert.Equal(60, first.Count);
        Assert.True(first[^1].Loss < first[0].Loss / 2, $"the loss went from {first[0].Loss} to {first[^1].Loss}");
        Assert.Equal(first.Select(step => (step.Loss, step.GradientNorm)), second.Select(step => (step.Loss, step.GradientNorm)));
        Assert.Equal(Weights("first"), Weights("second"));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_bit_for_bit()
    {
        var whole = Run(Recipe("whole") with { Steps = 12 });
        var recipe = Recipe("parts") with { Steps = 12 };
        var before = Run(recipe, stopBehind: 5);
        var behind = Run(recipe);
        Assert.Equal(5, before.Count);
        Assert.Equal(7, behind.Count);
        Assert.Equal(whole.Select(step => step.Loss), before.Concat(behind).Select(step => step.Loss));
        Assert.Equal(Weights("whole"), Weights("parts"));
        Assert.Equal(12, File.ReadLines(Path.Combine(recipe.Output, "metrics.jsonl")).Count());
    }

    [Fact]
    public void Moments_of_a_byte_train_as_those_of_floats_and_go_on_bit_for_bit()
    {
        var bytes = Recipe("bytes") with { Steps = 6, BatchRows = 4, Optimizer = new OptimizerSettings(OptimizerKind.AdamW8Bit) };
        var whole = Run(bytes);
        var floats = Run(bytes with { Output = Path.Combine(_directory.Path, "floats"), Optimizer = new OptimizerSettings() });
        // Rounded moments make a step longer or shorter by some percent of what it changes.
        foreach (var (one, other) in whole.Zip(floats)) Assert.Equal(other.Loss, one.Loss, tolerance: 0.1 * (floats[0].Loss - floats[^1].Loss));
        var parts = bytes with { Output = Path.Combine(_directory.Path, "byteparts") };
        Run(parts, stopBehind: 3);
        Run(parts);
        Assert.Equal(Weights("bytes"), Weights("byteparts"));
    }

    [Fact]
    public void A_state_of_another_recipe_is_refused()
    {
        Run(Recipe("one") with { Steps = 2 });
        var failure = Assert.Throws<CheckpointException>(() => Run(Recipe("one") with { Steps = 2, LearningRate = 2e-3 }));
        Assert.Contains("another recipe", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_step_of_sgd_moves_weights_by_the_rate_times_the_gradient()
    {
        var recipe = Recipe("sgd") with
        {
            Steps = 1, WarmupRatio = 0, LearningRate = 0.5, FromScratch = false, SaveType = TensorType.F32,
            Optimizer = new OptimizerSettings(OptimizerKind.Sgd, WeightDecay: 0, MaxGradientNorm: 0),
        };
        var step = Assert.Single(Run(recipe));
        using var before = Checkpoint.Open(Golden.TinyModel);
        using var behind = Checkpoint.Open(recipe.Output);
        var squares = 0.0;
        foreach (var tensor in behind.Weights)
            squares += tensor.ToFloats().Zip(before.Weight(tensor.Name).ToFloats(), (now, then) => Math.Pow(now - (double)then, 2)).Sum();
        // Weights are near 0.05 and gradients near 1e-3: a difference of f32 weights is exact to about 1e-5 of itself.
        Assert.Equal(step.GradientNorm * 0.5, Math.Sqrt(squares), tolerance: 1e-3 * step.GradientNorm);
    }

    [Fact]
    public void Both_stages_leave_checkpoints_that_answer()
    {
        var stage1 = Recipe("stage1") with { Stage = TrainingStage.Backbone, FromScratch = false, Steps = 2, LearningRate = 1e-5 };
        Run(stage1);
        using (var model = TahModel.Load(stage1.Output)) Assert.True(model.IsTah);
        var stage2 = Recipe("stage2") with { Stage = TrainingStage.Decider, Model = stage1.Output, FromScratch = false, Steps = 2, LearningRate = 1e-4 };
        Run(stage2);
        using var trained = TahModel.Load(stage2.Output);
        Assert.True(trained.DefaultPolicy.NeedsDecider);
        Assert.Equal(TensorType.F32, trained.Checkpoint!.Decider!.Config.Type);
        using var session = trained.OpenSession();
        var request = new GenerationRequest { Prompt = trained.Encode("What is 12 * 3?"), MaxTokens = 4, Sampling = SamplingSettings.Greedy };
        Assert.Equal(4, session.Answer([request with { IgnoreEos = true }])[0].Tokens.Count);
    }

    [Fact]
    public void A_disk_that_refuses_leaves_the_last_state_from_which_the_run_goes_on()
    {
        var recipe = Small("full");
        Run(recipe, stopBehind: 1);
        // A directory stands where the file of the next state would begin.
        var next = AtomicOutput.TemporaryName(Path.Combine(recipe.Output, "state", "step-00000003.safetensors"));
        var refusal = Assert.Throws<BadFileException>(() => Run(recipe, done: _ => Directory.CreateDirectory(next), stopBehind: 3));
        Assert.Contains("step-00000003.safetensors: cannot be written: ", refusal.Message);
        Directory.Delete(next);
        Assert.Equal("step-00000001.safetensors", Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(recipe.Output, "state")))));
        Assert.Equal([2, 3, 4], Run(recipe).Select(step => step.Step));
    }

    [Fact]
    public void A_run_without_updates_has_no_lora_and_goes_through_both_stages()
    {
        var stage1 = Small("plain1") with { Ablations = new Ablations { Lora = false } };
        Run(stage1);
        Assert.False(Directory.Exists(Path.Combine(stage1.Output, "lora")));
        var stage2 = Small("plain2") with { Stage = TrainingStage.Decider, Model = stage1.Output, DeciderDropout = 0.25, Threshold = 0.5 };
        Run(stage2);
        Assert.False(Directory.Exists(Path.Combine(stage2.Output, "lora")));
        using var model = TahModel.Load(stage2.Output);
        Assert.Equal(0.25, model.Checkpoint!.Decider!.Config.DropoutRate);
        using var session = model.OpenSession();
        var request = new GenerationRequest { Prompt = [5, 10, 15], MaxTokens = 4, IgnoreEos = true, Sampling = SamplingSettings.Greedy };
        Assert.Equal(4, session.Answer([request])[0].Tokens.Count);
    }

    [Fact]
    public void Files_have_the_names_shapes_and_keys_of_the_official_ones()
    {
        var stage1 = Recipe("a") with { Stage = TrainingStage.Backbone, FromScratch = false, Steps = 1 };
        Run(stage1);
        var stage2 = Recipe("b") with { Stage = TrainingStage.Decider, Model = stage1.Output, FromScratch = false, Steps = 1 };
        Run(stage2);
        using Checkpoint official = Checkpoint.Open(Golden.TinyModel), ours = Checkpoint.Open(stage2.Output);
        Assert.Equal(Signature(official.Weights), Signature(ours.Weights));
        Assert.Equal(Signature(official.Lora!.Tensors.Values), Signature(ours.Lora!.Tensors.Values));
        Assert.Equal(official.Decider!.Tensors.Keys.Order(), ours.Decider!.Tensors.Keys.Order());
        Assert.Equal(Keys("tah_config.json", Golden.TinyModel), Keys("tah_config.json", stage2.Output));
        Assert.Equal(Keys("config.json", Golden.TinyModel), Keys("config.json", stage2.Output));
    }

    public void Dispose() => _directory.Dispose();

    private static List<string> Signature(IEnumerable<MappedTensor> tensors) =>
        [.. tensors.Select(tensor => $"{tensor.Name} {tensor.Type} {string.Join('x', tensor.Shape)}").Order(StringComparer.Ordinal)];

    private static List<string> Keys(string file, string directory)
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, file)));
        return [.. json.RootElement.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)];
    }

    private TrainingRecipe Recipe(string output) => new()
    {
        Stage = TrainingStage.Base, Model = Golden.TinyModel, Data = _data, Output = Path.Combine(_directory.Path, output), FromScratch = true,
        BatchRows = 8, LearningRate = 1e-3, Seed = 3,
    };

    /// <summary>Four steps of stage 1 on a golden model, which are over at once.</summary>
    private TrainingRecipe Small(string output) => new()
    {
        Stage = TrainingStage.Backbone, Model = Golden.ParityCheckpoint("a_tied"), Data = LabelledRows.Write(Path.Combine(_directory.Path, "labelled.jsonl")),
        Output = Path.Combine(_directory.Path, output), BatchRows = 8, Steps = 4, Lora = new LoraRecipe(Rank: 8, Alpha: 16),
    };

    private byte[] Weights(string output) => File.ReadAllBytes(Path.Combine(_directory.Path, output, "model.safetensors"));

    private static List<StepMetrics> Run(TrainingRecipe recipe, int stopBehind = int.MaxValue, Action<int>? done = null)
    {
        using var cancellation = new CancellationTokenSource();
        using var run = TrainingRun.Open(recipe, new DeviceSelector(DeviceKind.Cpu, 0));
        var observer = new SeenSteps(step =>
        {
            if (step >= stopBehind) cancellation.Cancel();
            if (step == stopBehind) done?.Invoke(step);
        });
        run.RunToEnd(observer, cancellation.Token);
        return observer.Seen;
    }
}
