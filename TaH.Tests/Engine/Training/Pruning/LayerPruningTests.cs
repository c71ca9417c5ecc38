using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>Pruning against brute force: every smaller model written by other code, loaded as any model is, and measured by its trace.</summary>
[Collection(DeviceCollection.Name)]
public sealed class LayerPruningTests : IDisposable
{
    private static readonly DeviceSelector Cpu = new(DeviceKind.Cpu, 0);

    private readonly TestDevices _devices;
    private readonly TemporaryDirectory _directory = new();
    private readonly string _data;
    private readonly int[][] _rows;

    public LayerPruningTests(TestDevices devices)
    {
        _devices = devices;
        var random = new Random(5);
        _rows = [.. Enumerable.Range(0, 5).Select(row => Enumerable.Range(0, 9 + (4 * row)).Select(_ => random.Next(90)).ToArray())];
        _data = _directory.At("rows.jsonl");
        // The first three tokens of a row carry no loss.
        File.WriteAllLines(_data, _rows.Select(row =>
            $$"""{"real_token":[{{string.Join(',', row)}}],"mask":[{{string.Join(',', row.Select((_, i) => i < 3 ? 0 : 1))}}]}"""));
    }

    [Theory, InlineData("a_tied"), InlineData("b_untied_widehead")]
    public void Layers_go_that_brute_force_finds(string fixture)
    {
        var model = PlainCopy.Of(Golden.ParityCheckpoint(fixture), _directory.At("model"));
        var result = Prune(Request(model, layers: 2));
        int[] left = [.. Enumerable.Range(0, result.Layers)];
        Assert.Equal(BruteForce(model, left), result.Loss, tolerance: 1e-5);
        foreach (var round in result.Rounds)
        {
            var losses = left.ToDictionary(layer => layer, layer => BruteForce(model, [.. left.Where(other => other != layer)]));
            // Sums of f32 in another order: the losses are near 10, their differences above 1e-3.
            foreach (var (layer, loss) in round.Losses) Assert.Equal(losses[layer], loss, tolerance: 1e-5);
            Assert.Equal(losses.MinBy(judged => judged.Value).Key, Assert.Single(round.Removed));
            left = [.. left.Except(round.Removed)];
        }
        Assert.Equal(left, result.Kept);
        Assert.Equal(BruteForce(model, left), result.PrunedLoss, tolerance: 1e-5);
    }

    [Fact]
    public void A_card_measures_what_the_processor_measures()
    {
        _devices.OpenOrSkip(DeviceKind.Cuda);
        var request = Request(PlainCopy.Of(Golden.TinyModel, _directory.At("model")), layers: 1);
        var (expected, onCard) = (Prune(request), LayerPruning.Run(
            request with { Output = _directory.At("other") }, new DeviceSelector(DeviceKind.Cuda, 0), progress: null, TestContext.Current.CancellationToken));
        // Weights are bf16, and on the card keys, values and what products read too: 2^-8 of losses near 10.
        foreach (var (cpu, card) in expected.Rounds[0].Losses.Zip(onCard.Rounds[0].Losses)) Assert.Equal(cpu.Loss, card.Loss, tolerance: 0.04);
    }

    [Fact]
    public void Judged_at_once_the_best_of_the_whole_model_go()
    {
        var model = PlainCopy.Of(Golden.ParityCheckpoint("b_untied_widehead"), _directory.At("model"));
        var result = Prune(Request(model, layers: 2) with { AtOnce = true });
        var round = Assert.Single(result.Rounds);
        Assert.Equal(round.Losses.OrderBy(judged => judged.Loss).Take(2).Select(judged => judged.Layer), round.Removed);
        Assert.Equal(BruteForce(model, [.. result.Kept]), result.PrunedLoss, tolerance: 1e-5);
    }

    [Fact]
    public void The_smaller_model_has_the_bits_of_the_layers_that_stay_and_answers_as_the_whole_one_without_the_others()
    {
        var model = PlainCopy.Of(Golden.TinyModel, _directory.At("model"));
        var request = Request(model, layers: 2);
        var result = Prune(request);
        using TahModel whole = TahModel.Load(model), pruned = TahModel.Load(request.Output);
        Assert.Equal((result.Layers - 2, TensorType.Bf16, false), (pruned.Config.LayerCount, pruned.WeightType, pruned.IsTah));
        for (var place = 0; place < result.Kept.Count; place++)
        {
            var (now, then) = (Qwen3Tensors.Layer(place), Qwen3Tensors.Layer(result.Kept[place]));
            foreach (var tensor in pruned.Checkpoint!.Weights.Where(tensor => tensor.Name.StartsWith(now + ".", StringComparison.Ordinal)))
                Assert.Equal(whole.Checkpoint!.Weight(then + tensor.Name[now.Length..]).ToFloats(), tensor.ToFloats());
        }
        var shorter = whole.Weights with
        {
            Layers = [.. result.Kept.Select(layer => whole.Weights.Layers[layer])], Shape = whole.Weights.Shape with { Layers = result.Kept.Count },
        };
        Assert.Equal(Logits(whole, shorter), Logits(pruned, pruned.Weights));
        using var session = pruned.OpenSession();
        var answer = session.Answer(new GenerationRequest { Prompt = pruned.Encode("What is 12 * 3?"), MaxTokens = 4, IgnoreEos = true });
        Assert.Equal(4, answer[0].Tokens.Count);
    }

    [Fact]
    public void Lists_of_layers_and_what_was_measured_stand_beside_the_weights()
    {
        var model = PlainCopy.Of(Golden.TinyModel, _directory.At("model"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "config.json")))!;
        config["max_window_layers"] = 6;
        File.WriteAllText(Path.Combine(model, "config.json"), config.ToJsonString());
        var request = Request(model, layers: 1);
        var result = Prune(request);
        var smaller = JsonNode.Parse(File.ReadAllText(Path.Combine(request.Output, "config.json")))!;
        Assert.Equal((5, 5, 5), (smaller["num_hidden_layers"]!.GetValue<int>(), smaller["max_window_layers"]!.GetValue<int>(), smaller["layer_types"]!.AsArray().Count));
        var measured = JsonNode.Parse(File.ReadAllText(Path.Combine(request.Output, "pruning.json")))!;
        Assert.Equal(result.Removed[0], measured["removed"]![0]!.GetValue<int>());
        Assert.Equal(6, measured["rounds"]![0]!["losses"]!.AsArray().Count);
        Assert.Equal(Names(model).Append("pruning.json").Except(["config_v4.json"]).Order(StringComparer.Ordinal), Names(request.Output));
    }

    [Fact]
    public void Ended_early_it_leaves_nothing()
    {
        var model = PlainCopy.Of(Golden.ParityCheckpoint("a_tied"), _directory.At("model"));
        using var cancellation = new CancellationTokenSource();
        var progress = new Canceller(cancellation);
        Assert.ThrowsAny<OperationCanceledException>(() => LayerPruning.Run(Request(model, layers: 1), Cpu, progress, cancellation.Token));
        Assert.Equal(["model", "rows.jsonl"], Names(_directory.Path));
    }

    public void Dispose() => _directory.Dispose();

    private static List<string> Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private PruneRequest Request(string model, int layers) => new() { Model = model, Layers = layers, Data = _data, Output = _directory.At("pruned") };

    private static PruneResult Prune(PruneRequest request) =>
        LayerPruning.Run(request, Cpu, progress: null, TestContext.Current.CancellationToken);

    private float[] Logits(TahModel model, ModelWeights weights)
    {
        using var forward = new PackedForward(model, weights, maxRows: 64, ProductPrecision.F32);
        var logits = new List<float>();
        forward.Run(PackedBatch.Of(_rows), wantsLogits: _ => true, places =>
        {
            var values = new float[places.Length * model.Config.VocabSize];
            model.Device.Download(forward.Logits.Accumulated, values);
            logits.AddRange(values);
        });
        return [.. logits];
    }

    /// <summary>The mean loss of a checkpoint of these layers alone, in double.</summary>
    private double BruteForce(string model, int[] layers)
    {
        var candidate = _directory.At("candidate");
        WriteCandidate(model, layers, candidate);
        using var loaded = TahModel.Load(candidate);
        double sum = 0;
        var count = 0;
        foreach (var row in _rows)
        {
            var trace = ForwardTrace.Run(loaded, new TraceRequest { Tokens = row, Policy = new NeverPolicy() });
            for (var next = 3; next < row.Length; next++, count++)
            {
                var logits = trace.Logits.AsSpan((next - 1) * trace.Vocab, trace.Vocab).ToArray();
                sum += Math.Log(logits.Sum(logit => Math.Exp(logit))) - logits[row[next]];
            }
        }
        return sum / count;
    }

    private static void WriteCandidate(string model, int[] layers, string candidate)
    {
        using var source = Checkpoint.Open(model);
        var writer = new SafetensorsWriter();
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "config.json")))!;
        config["num_hidden_layers"] = layers.Length;
        config["layer_types"] = null;
        var sizes = source.Config with { LayerCount = layers.Length };
        foreach (var (name, shape) in Qwen3Tensors.Of(sizes))
        {
            var parts = name.Split('.');
            if (parts[1] == "layers") parts[2] = $"{layers[int.Parse(parts[2])]}";
            writer.Add(name, source.Weight(string.Join('.', parts)).ToFloats(), [.. shape.Select(size => (int)size)]);
        }
        Directory.CreateDirectory(candidate);
        File.WriteAllText(Path.Combine(candidate, "config.json"), config.ToJsonString());
        writer.Save(Path.Combine(candidate, "model.safetensors"));
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IProgress<PruneProgress>
    {
        public void Report(PruneProgress value) => cancellation.Cancel();
    }
}
