using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>metrics.jsonl is written, read back, and refused where it is damaged; what is counted in it is counted right.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static StepMetrics Step { get; } = new(3, 0.5, 0.25, 1e-4, 100, 1.5, 2.5, 0.75, 0.5)
    {
        HardTokens = 7, HardAccuracy = 0.5, Flops = 1e9, PeakShare = 0.25, MemoryBytes = 5,
    };

    private string Path => _directory.At(MetricsFile.FileName);

    [Fact]
    public void Lines_have_the_promised_keys_and_come_back()
    {
        var evaluation = new EvaluationMetrics(3, 1.5, 0.5, 1.25) { HardLoss = 2, HardAccuracy = 0.125 };
        var next = Step with { Step = 4, HardLoss = null, Loss = double.NaN };
        File.WriteAllLines(Path, [MetricsFile.Line(Step), MetricsFile.Line(evaluation), MetricsFile.Line(next)]);
        var keys = JsonNode.Parse(MetricsFile.Line(Step))!.AsObject().Select(member => member.Key).ToList();
        Assert.Equal(
            ["accuracy", "average_iterations", "flops", "flops_per_second", "grad_norm", "gradient_norm", "hard_accuracy", "hard_loss", "hard_tokens",
                "learning_rate", "loss", "memory_bytes", "peak_share", "seconds", "step", "tokens", "tokens_per_second"], keys.Order());
        var read = MetricsFile.Read(_directory.Path);
        Assert.Equal([Step, next], read.Steps);
        Assert.Equal([evaluation], read.Evaluations);
    }

    [Fact]
    public void A_torn_last_line_is_what_a_kill_leaves_any_other_is_damage()
    {
        File.WriteAllText(Path, MetricsFile.Line(Step) + "\n{\"step\":4,\"lo");
        Assert.Single(MetricsFile.Read(_directory.Path).Steps);
        foreach (var damage in new[] { "{\"step\":4,\"lo", "[]", "7", "{}", "{\"step\":\"x\",\"loss\":1}" })
        {
            File.WriteAllText(Path, damage + "\n" + MetricsFile.Line(Step) + "\n");
            var refusal = Assert.Throws<BadFileException>(() => MetricsFile.Read(_directory.Path));
            Assert.EndsWith("metrics.jsonl: line 1: is no line of metrics: an object with step and loss was expected", refusal.Message);
        }
        File.WriteAllText(Path, "");
        Assert.EndsWith("holds no step; has the run begun?", Assert.Throws<BadFileException>(() => MetricsFile.Read(_directory.Path)).Message);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_a_sentence()
    {
        Directory.CreateDirectory(Path);
        Assert.Contains("cannot be written", Assert.Throws<BadFileException>(() => new MetricsLog(_directory.Path, firstStep: 0)).Message);
    }

    /// <summary>Counted by hand: three tokens, the second of them twice.</summary>
    [Fact]
    public void Operations_are_those_of_products_and_attention()
    {
        using var source = Checkpoint.Open(Golden.ParityCheckpoint("a_tied"));
        var model = ModelDescription.Of(source);
        var (config, rank) = (model.Config, model.Lora!.Rank);
        var batch = PackedBatch.Of([new TrainingSequence([1, 2, 3], [false, true, true], [1, 2, 1])]);
        long hidden = config.HiddenSize, ffn = config.IntermediateSize;
        long queries = config.HeadCount * config.HeadDim, keys = config.KvHeadCount * config.HeadDim;
        var layer = (2 * hidden * queries) + (2 * hidden * keys) + (3 * hidden * ffn);
        var lora = rank * ((2 * (hidden + queries)) + (2 * (hidden + keys)) + (3 * (hidden + ffn)));
        // Depth 0 sees 1 + 2 + 3 entries; the deep row those of two tokens at depth 0 and its own.
        var attended = 1 + 2 + 3 + 3;
        var labelled = batch.Labels.Count(label => label >= 0);
        // Every labelled token's logits once, those of the one that goes on at both depths.
        var heads = labelled + 1;
        var products = (4 * config.LayerCount * layer) + (config.LayerCount * lora) + (heads * hidden * config.VocabSize);
        var forward = 2 * (products + (2 * config.LayerCount * queries * attended));
        int[] iterations = [1, 2, 1];
        Assert.Equal(2, labelled);
        Assert.Equal(3.0 * forward, new TrainingCost(model, TrainedParts.Backbone | TrainedParts.Lora, AttentionScope.DuoCausal).Of(batch, iterations, 2));

        // A decider with two passes sees depth 0 only, all of its logits, and alone goes backward.
        var decider = TrainingTensors.OfDecider(model.Decider!).Where(spec => spec.Shape.Length == 2).Sum(spec => (long)spec.Shape[0] * spec.Shape[1]);
        var shallow = 2 * ((3 * config.LayerCount * layer) + (3 * hidden * config.VocabSize) + (2 * config.LayerCount * queries * 6));
        Assert.Equal(shallow + (3.0 * 2 * 3 * decider), new TrainingCost(model, TrainedParts.Decider, AttentionScope.DuoCausal).Of(batch, iterations, 1));
    }

    [Fact]
    public void Peaks_are_known_of_cards_and_of_nothing_else()
    {
        Assert.Equal(989e12, PublishedPeak.Of("NVIDIA H200", TrainingPrecision.Bf16));
        Assert.Equal(756e12, PublishedPeak.Of("NVIDIA H100 PCIe", TrainingPrecision.Bf16));
        Assert.Equal(989e12, PublishedPeak.Of("NVIDIA H100 80GB HBM3", TrainingPrecision.Bf16));
        Assert.Equal(19.5e12, PublishedPeak.Of("NVIDIA A100-SXM4-80GB", TrainingPrecision.F32));
        Assert.Equal(362e12, PublishedPeak.Of("NVIDIA L40S", TrainingPrecision.Bf16));
        Assert.Null(PublishedPeak.Of("NVIDIA L400", TrainingPrecision.Bf16));
        Assert.Null(PublishedPeak.Of("AMD EPYC 9654", TrainingPrecision.F32));
    }

    public void Dispose() => _directory.Dispose();
}
