namespace TaH.Tests;

/// <summary>Whole runs of two ranks on the CPU.</summary>
public sealed class RankedRunTests : IDisposable
{
    private const int Rows = 12;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _data;

    public RankedRunTests()
    {
        _data = Path.Combine(_directory.Path, "rows.jsonl");
        // Rows of different lengths; every one has hard tokens, so that no micro-batch has to force one.
        File.WriteAllLines(_data, Enumerable.Range(0, Rows).Select(row =>
        {
            int[] tokens = [.. RandomData.Uniform(row + 1, 9 + (row % 5)).Select(value => 300 + (int)(Math.Abs(value) * 200))];
            return $$"""{"real_token":[{{string.Join(',', tokens)}}],"mask":[{{List(tokens, i => i > 1)}}],"mismatch":[{{List(tokens, i => i % 4 == 3)}}]}""";
        }));
        static string List(int[] tokens, Func<int, bool> chosen) => string.Join(',', tokens.Select((_, i) => chosen(i) ? 1 : 0));
    }

    [Fact]
    public void Two_ranks_equal_one_rank_with_twice_the_rows()
    {
        var recipe = Recipe("one") with { Stage = TrainingStage.Backbone };
        var alone = Run(recipe, place: null);
        var together = RunTogether(recipe with { Output = Path.Combine(_directory.Path, "two") });
        Assert.Empty(together[1]); // rank 1 says nothing
        Assert.Equal(alone.Select(step => step.Tokens), together[0].Select(step => step.Tokens));
        foreach (var (a, b) in alone.Zip(together[0]))
        {
            // Sums in another order: of f32, by up to some dozen roundings where nothing cancels; the norm is a sum over all gradients.
            Assert.Equal(a.Loss, b.Loss, tolerance: 1e-6 * a.Loss);
            Assert.Equal(a.GradientNorm, b.GradientNorm, tolerance: 1e-5 * a.GradientNorm);
        }
        double[] before = Values(Golden.TinyModel), one = Values(recipe.Output), two = Values(Path.Combine(_directory.Path, "two"));
        var change = Norm(one.Zip(before, (now, then) => now - then));
        Assert.True(change > 0);
        // Of the change itself: 3e-6 was seen; a row that counts twice or not at all is a tenth.
        var difference = Norm(one.Zip(two, (a, b) => a - b));
        Assert.True(difference <= 3e-5 * change, $"{difference / change}");
    }

    [Fact]
    public void A_run_of_one_rank_through_nccl_has_the_bits_of_a_run_alone()
    {
        Assert.SkipUnless(DeviceCatalog.Of(DeviceKind.Cuda).Count > 0 && DriverLibraries.Has("nccl"), "this machine has no card, or no NCCL");
        var alone = Recipe("alone") with { Stage = TrainingStage.Backbone };
        var ranked = alone with { Output = Path.Combine(_directory.Path, "ranked") };
        var steps = Run(alone, place: null, kind: DeviceKind.Cuda).Select(step => (step.Loss, step.GradientNorm));
        Assert.Equal(steps, Run(ranked, new RankPlace(0, 1), kind: DeviceKind.Cuda).Select(step => (step.Loss, step.GradientNorm)));
        Assert.Equal(Weights(alone), Weights(ranked));
    }

    [Fact]
    public void Two_ranks_go_on_bit_for_bit_where_one_of_them_was_interrupted()
    {
        var whole = Recipe("whole") with { Steps = 4, Optimizer = new OptimizerSettings() };
        RunTogether(whole);
        var parts = whole with { Output = Path.Combine(_directory.Path, "parts") };
        // The interruption comes while rank 1 may already be in the next step.
        var before = RunTogether(parts, interrupted: 1)[0].Count;
        Assert.InRange(before, 2, 3);
        Assert.Equal(whole.Steps - before, RunTogether(parts)[0].Count);
        Assert.Equal(Weights(whole), Weights(parts));
        Assert.Equal(whole.Steps, File.ReadLines(Path.Combine(parts.Output, "metrics.jsonl")).Count());
    }

    [Fact]
    public void Ranks_of_different_recipes_stop_with_one_sentence()
    {
        var port = FreePort.Find();
        var sentences = Ranks.Run(2, rank => Assert.Throws<UsageException>(
            () => Run(Recipe("different") with { LearningRate = 0.5 + rank }, new RankPlace(rank, 2, MasterPort: port))).Message);
        Assert.All(sentences, sentence => Assert.Equal("rank 1 has other options, another model or other data than rank 0", sentence));
    }

    [Fact]
    public void Ranks_that_do_not_see_the_same_state_stop_with_one_sentence()
    {
        var recipe = Recipe("seen") with { Steps = 6 };
        RunTogether(recipe, interrupted: 0);
        var port = FreePort.Find();
        var sentences = Ranks.Run(2, rank => Assert.Throws<UsageException>(() => Run(
            recipe with { Output = rank == 0 ? recipe.Output : Path.Combine(_directory.Path, "unseen") }, new RankPlace(rank, 2, MasterPort: port))).Message);
        Assert.All(sentences, sentence => Assert.StartsWith("rank 1 found a state behind step 0, rank 0 one behind ", sentence));
    }

    [Fact]
    public void Processes_train_together_and_a_killed_one_ends_the_others()
    {
        var (model, output, port) = (Golden.TinyModel, Path.Combine(_directory.Path, "processes"), FreePort.Find());
        var train = $"WORLD_SIZE=2 MASTER_ADDR=localhost MASTER_PORT={port} $TAH train --stage base -m {model} --data {_data} --out {output} --device cpu --batch 4";
        var (exitCode, _, error) = Shell.Run(
            $"RANK=1 {train} --steps 100000 >/dev/null 2>&1 & RANK=0 {train} --steps 100000 --json | (head -n 2 >/dev/null; kill -9 $!; cat >/dev/null); exit ${{PIPESTATUS[0]}}");
        Assert.Equal(1, exitCode);
        Assert.Contains("error: rank 1 has left the run; what it wrote last says why\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_environment_is_one_sentence()
    {
        var (exitCode, _, error) = Shell.Run("RANK=2 WORLD_SIZE=2 $TAH train --stage base -m x --data x --out x");
        Assert.Equal((2, "error: RANK is 2, and WORLD_SIZE is 2: ranks go from 0 to 1\n"), (exitCode, error));
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Weights(TrainingRecipe recipe) => File.ReadAllBytes(Path.Combine(recipe.Output, "model.safetensors"));

    private static double[] Values(string directory)
    {
        using var checkpoint = Checkpoint.Open(directory);
        return [.. checkpoint.Weights.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).SelectMany(tensor => tensor.ToFloats().Select(value => (double)value))];
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));

    private TrainingRecipe Recipe(string output) => new()
    {
        Stage = TrainingStage.Base, Model = Golden.TinyModel, Data = _data, Output = Path.Combine(_directory.Path, output), BatchRows = 4, Steps = 3,
        LearningRate = 0.5, WarmupRatio = 0, Seed = 3, SaveType = TensorType.F32, Lora = new LoraRecipe(Dropout: 0),
        Optimizer = new OptimizerSettings(OptimizerKind.Sgd, WeightDecay: 0),
    };

    /// <summary>Two ranks as threads.</summary>
    /// <param name="recipe">Of both.</param>
    /// <param name="interrupted">The one that is interrupted behind the second step; none without it.</param>
    private static List<StepMetrics>[] RunTogether(TrainingRecipe recipe, int interrupted = -1)
    {
        var port = FreePort.Find();
        using var interruption = new CancellationTokenSource();
        return Ranks.Run(2, rank => Run(
            recipe, new RankPlace(rank, 2, MasterPort: port), rank == interrupted ? interruption : null, step =>
            {
                if (step == 2 && interrupted >= 0) interruption.Cancel();
            }));
    }

    private static List<StepMetrics> Run(TrainingRecipe recipe, RankPlace? place, CancellationTokenSource? interruption = null, Action<int>? done = null, DeviceKind kind = DeviceKind.Cpu)
    {
        using var run = TrainingRun.Open(recipe, new DeviceSelector(kind, 0), place: place);
        var steps = new SeenSteps(done ?? (_ => { }));
        run.RunToEnd(steps, interruption?.Token ?? default);
        return steps.Seen;
    }
}
