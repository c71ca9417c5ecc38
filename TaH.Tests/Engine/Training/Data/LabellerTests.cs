namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public sealed class LabellerTests(TestDevices devices) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<DeviceKind, int> Cases() => new()
    {
        { DeviceKind.Cpu, 7 }, { DeviceKind.Cpu, 512 }, { DeviceKind.Cuda, 7 }, { DeviceKind.Cuda, 4096 },
    };

    /// <summary>Packed, in passes of any size, a sequence gets the logits that it gets alone.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Predictions_are_those_of_each_sequence_alone(DeviceKind kind, int rowsOfPass)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        var problems = new ProblemSet { Seed = 11 }.Training(6).ToList();
        int[][] rows = [.. problems.Select(problem => model.Tokenizer!.Encode(problem.Question + problem.Response)), [5]];
        using var predictor = new ForwardPassPredictor(model, rowsOfPass, ProductPrecision.F32);
        var batch = PackedBatch.Of(rows);
        var predictions = predictor.Predict(batch, TokenMeasures.Entropy | TokenMeasures.CrossEntropy);
        for (var number = 0; number < rows.Length; number++)
        {
            var alone = ForwardTrace.Run(model, new TraceRequest { Tokens = rows[number], Policy = new NeverPolicy() });
            for (var i = 0; i < rows[number].Length; i++)
            {
                var (place, logits) = (batch.SequenceStarts[number] + i, alone.Logits.AsSpan(i * alone.Vocab, alone.Vocab).ToArray());
                // Ties and near ties may fall either way in another order of sums.
                Assert.True(logits.Max() - logits[predictions.Tokens[place]] < 1e-3f, $"row {number}, token {i}");
                var log = Math.Log(logits.Sum(value => Math.Exp(value - (double)logits.Max()))) + logits.Max();
                var entropy = log - logits.Sum(value => Math.Exp(value - log) * value);
                Assert.Equal(entropy, predictions.Entropy[place], 2e-3);
                var loss = i + 1 < rows[number].Length ? log - logits[rows[number][i + 1]] : 0;
                Assert.Equal(loss, predictions.CrossEntropy[place], 2e-3);
            }
        }
        Assert.Equal(predictions.Tokens, predictor.Predict(batch, TokenMeasures.None).Tokens);
    }

    [Theory, InlineData("out.jsonl"), InlineData("out.parquet")]
    public void Labels_are_written_and_read_again(string name)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        var (data, output) = (_directory.At("data.jsonl"), _directory.At(name));
        ProblemFile.Write(data, new ProblemSet { Seed = 12 }.Training(20), cancellation: Cancellation);
        var summary = DataLabeller.Run(
            model, new LabelRequest { Data = data, Output = output, Entropy = true, CrossEntropy = true, Limit = 15 }, progress: null, Cancellation);
        var rows = DataFile.Rows(output).Cast<LabelledRow>().ToList();
        Assert.Equal((15, 0), (summary.Rows, summary.Skipped));
        Assert.Equal(Enumerable.Range(0, 15).Select(number => $"{number}"), rows.Select(row => row.Id));
        Assert.Equal(summary.Tokens, rows.Sum(row => row.Tokens.Length));
        Assert.Equal(summary.Supervised, rows.Sum(row => row.Mask.Count(value => value)));
        Assert.Equal(summary.Hard, rows.Sum(row => row.Mask.Zip(row.Mismatch!, (masked, missed) => masked && missed > 0).Count(hard => hard)));
        // The shipped model misses a tenth or so of the answers' tokens without its second pass.
        Assert.InRange((double)summary.Hard / summary.Supervised, 0.01, 0.3);
        Assert.All(rows, row => Assert.Equal(0, row.Mismatch![^1]));
        Assert.All(rows, row => Assert.NotNull(row.Kind));
        Assert.Equal(DataFile.Rows(data).Take(15).Select(row => row.Kind), rows.Select(row => row.Kind));
        var tokenizer = RowTokenizer.Of(model);
        Assert.Equal(DataFile.Rows(data).Take(15).Select(row => tokenizer.Encode(row).Tokens), rows.Select(row => row.Tokens));
    }

    [Fact]
    public void Rows_that_no_model_can_run_are_skipped_and_counted()
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        var data = _directory.At("data.jsonl");
        var tooLong = string.Join(',', Enumerable.Repeat("1", model.Config.MaxPositions + 1));
        File.WriteAllLines(data,
        [
            """{"real_token":[],"mask":[]}""", $$"""{"real_token":[{{tooLong}}],"mask":[{{tooLong}}]}""",
            """{"real_token":[5,6],"mask":[0,1],"data_id":"x"}""",
        ]);
        var summary = DataLabeller.Run(model, new LabelRequest { Data = data, Output = _directory.At("out.jsonl") }, progress: null, Cancellation);
        Assert.Equal((3, 2, 2), (summary.Rows, summary.Skipped, summary.Tokens));
        Assert.Equal("x", DataFile.Rows(_directory.At("out.jsonl")).Single().Id);
    }

    [Fact]
    public void Ended_early_it_leaves_no_file()
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        ProblemFile.Write(_directory.At("data.jsonl"), new ProblemSet().Training(300), cancellation: Cancellation);
        using var cancellation = new CancellationTokenSource();
        var progress = new Canceller(cancellation);
        var request = new LabelRequest { Data = _directory.At("data.jsonl"), Output = _directory.At("out.parquet") };
        Assert.ThrowsAny<OperationCanceledException>(() => DataLabeller.Run(model, request, progress, cancellation.Token));
        Assert.Equal([_directory.At("data.jsonl")], Directory.GetFiles(_directory.Path));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    private sealed class Canceller(CancellationTokenSource source) : IProgress<LabelProgress>
    {
        public void Report(LabelProgress value) => source.Cancel();
    }
}
