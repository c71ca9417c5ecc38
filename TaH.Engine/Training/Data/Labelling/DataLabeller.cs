namespace TaH.Engine;

/// <summary>Labels rows by a reference model: a token is hard where the model's likeliest next token is not the next one.</summary>
/// <remarks>
/// The model is run as the plain one, a single pass a token. Source of what is written: script/preparation/label.py of github.com/thu-nics/TaH.
/// </remarks>
public static class DataLabeller
{
    // Of a round that is predicted at once, in passes: few enough that progress moves, enough that every pass but the last is full.
    private const int TokensPerRound = 1 << 17;
    private const int TokensPerRoundOnCpu = 1 << 13;

    /// <summary>Labels a file.</summary>
    /// <param name="model">The reference model.</param>
    /// <param name="request">What to label, and how.</param>
    /// <param name="progress">Hears how far it has come; null for nobody.</param>
    /// <param name="cancellation">Ends it; no file is left.</param>
    /// <exception cref="BadFileException">A row cannot be used, or the output cannot be written.</exception>
    /// <exception cref="UsageException">The request contradicts itself.</exception>
    public static LabelSummary Run(
        TahModel model, LabelRequest request, IProgress<LabelProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var predictor = new ForwardPassPredictor(model, request.BatchTokens);
        return Run(model, predictor, request, progress, cancellation);
    }

    internal static LabelSummary Run(
        TahModel model, ITopOnePredictor predictor, LabelRequest request, IProgress<LabelProgress>? progress, CancellationToken cancellation)
    {
        if (request.Limit < 1) throw new UsageException($"a limit is 1 row or more, not {request.Limit:N0}");
        var total = Math.Min(DataFile.Count(request.Data), request.Limit ?? long.MaxValue);
        using var writer = ILabelWriter.Create(request);
        var tokenizer = RowTokenizer.Of(model);
        var rows = DataFile.Rows(request.Data).Take((int)Math.Min(total, int.MaxValue)).Select((row, number) => (Row: row, Number: number));
        var encoded = OrderedWork.Run(rows, item => Encode(item.Row, item.Number, tokenizer, model), cancellation);
        var (round, tokens, perRound) = (new List<Encoded>(), 0, model.Device.Kind == DeviceKind.Cpu ? TokensPerRoundOnCpu : TokensPerRound);
        var summary = new LabelSummary();
        foreach (var row in encoded)
        {
            cancellation.ThrowIfCancellationRequested();
            summary = summary with { Rows = summary.Rows + 1 };
            if (row.Content.Tokens.Length == 0 || row.Content.Tokens.Length > model.Config.MaxPositions)
            {
                summary = summary with { Skipped = summary.Skipped + 1 };
                continue;
            }
            round.Add(row);
            tokens += row.Content.Tokens.Length;
            if (tokens >= perRound) Finish();
        }
        if (round.Count > 0) Finish();
        writer.Complete();
        return summary;

        void Finish()
        {
            summary = Label(predictor, request, round, writer, summary);
            progress?.Report(new LabelProgress(summary.Rows, total, summary.Tokens));
            round.Clear();
            tokens = 0;
        }
    }

    private static Encoded Encode(TrainingRow row, int number, RowTokenizer tokenizer, TahModel model)
    {
        var content = tokenizer.Encode(row);
        return new Encoded(row.Id ?? FormattableString.Invariant($"{number}"), row.Kind, model.Tokenizer?.Decode(content.Tokens) ?? "", content);
    }

    private static LabelSummary Label(
        ITopOnePredictor predictor, LabelRequest request, List<Encoded> round, ILabelWriter writer, LabelSummary summary)
    {
        var measures = (request.Entropy ? TokenMeasures.Entropy : 0) | (request.CrossEntropy ? TokenMeasures.CrossEntropy : 0);
        var batch = PackedBatch.Of([.. round.Select(row => row.Content.Tokens)]);
        var predictions = predictor.Predict(batch, measures);
        for (var number = 0; number < round.Count; number++)
        {
            var (id, kind, text, (tokens, mask, _)) = round[number];
            var range = batch.SequenceStarts[number]..batch.EndOf(number);
            var mismatch = new int[tokens.Length];
            for (var i = 0; i + 1 < tokens.Length; i++) mismatch[i] = predictions.Tokens[range.Start.Value + i] == tokens[i + 1] ? 0 : 1;
            writer.Write(new LabelledTokens(
                id, kind, text, tokens, Array.ConvertAll(mask, value => value ? 1 : 0), mismatch, Part(predictions.Entropy, range),
                Part(predictions.CrossEntropy, range)));
            summary = summary with
            {
                Tokens = summary.Tokens + tokens.Length,
                Supervised = summary.Supervised + mask.Count(value => value),
                Hard = summary.Hard + mask.Zip(mismatch, (isSupervised, misses) => isSupervised && misses > 0).Count(isHard => isHard),
            };
        }
        return summary;
    }

    private static float[] Part(float[] values, Range range) => values.Length == 0 ? [] : values[range];

    private readonly record struct Encoded(string Id, string? Kind, string Text, RowTokens Content);
}
