namespace TaH.Engine;

/// <summary>Analyses a model on given text, all products in f32.</summary>
public static class TextAnalysis
{
    private const int BatchTokens = 1 << 14;

    /// <summary>Runs every policy over the text.</summary>
    /// <param name="request">The model and the text.</param>
    /// <param name="selector">Where it is computed.</param>
    /// <param name="progress">Hears the share that is done; null for nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="BadFileException">A file cannot be used.</exception>
    /// <exception cref="UsageException">The request cannot be met.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    public static AnalysisResult Run(
        AnalysisRequest request, DeviceSelector selector, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        request.Validate();
        using var source = Checkpoint.Open(request.Model);
        var description = ModelDescription.Of(source);
        var (batches, kinds) = Batches(request, source, description, cancellation);
        var result = Compare(request, source, description, batches, kinds, selector, progress, cancellation);
        if (description.Decider is null) return result;
        using var model = TahModel.Load(request.Model, new ModelOptions { Device = selector });
        int[][] rows = [.. batches.SelectMany(batch => batch.SequenceStarts.Select((start, row) => batch.Tokens[start..batch.EndOf(row)]))];
        return result with { Measured = MeasuredGrid.Of(model, rows, cancellation) };
    }

    private static AnalysisResult Compare(
        AnalysisRequest request, Checkpoint source, ModelDescription description, PackedBatch[] batches, string?[] kinds,
        DeviceSelector selector, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var device = DeviceCatalog.Open(selector);
        device.Accelerator.Bind();
        using var operations = new TrainingOperations(device, TrainingPrecision.F32, description.Shape.HeadDim, description.Shape.RopeTheta);
        using var model = new TrainingModel(operations, description, TrainedParts.None);
        ParameterInitialiser.FromCheckpoint(model, source, new Xoshiro256(1), takesDecider: true);
        var options = StageModel.Options(description.Tah, device, description.Shape);
        using var walk = new PolicyWalk(operations, model, options);
        var tokenizer = source.TokenizerPath is null ? null : Tokenizer.Open(source.Directory);
        var sums = new AnalysisSums(request, description, options.Scope, new TokenTexts(tokenizer), batches.Any(HasLabels), device.Info.Name);
        var (done, row, all) = (0L, 0, batches.Sum(batch => (long)batch.Tokens.Length));
        foreach (var batch in batches)
        {
            var isAsked = AskedTokens.Of(batch);
            var rows = kinds.AsSpan(row, batch.SequenceStarts.Length);
            row += rows.Length;
            sums.Add(batch, isAsked, rows);
            walk.Begin(batch, isAsked);
            foreach (var policy in sums.Policies)
            {
                cancellation.ThrowIfCancellationRequested();
                policy.Add(batch, isAsked, rows, walk.Deepen(policy.GoesOn(batch)));
            }
            progress?.Report((double)(done += batch.Tokens.Length) / all);
        }
        return sums.Result();
    }

    /// <summary>The text in batches, and the kind of each row of them.</summary>
    private static (PackedBatch[] Batches, string?[] Kinds) Batches(AnalysisRequest request, Checkpoint source, ModelDescription description, CancellationToken cancellation)
    {
        var data = TrainingData.Load([request.Data], RowTokenizer.Of(source), new TrainingDataOptions
        {
            MaxLength = Math.Min(request.MaxLength, source.Config.MaxPositions), MaxSequences = request.Rows, MaxIter = description.Shape.Depths,
        }, cancellation);
        var longest = data.Sequences.Max(sequence => sequence.Length);
        PackedBatch[] batches = [.. new BatchBuilder(data.Sequences, new BatchPlan(data.Sequences.Count, Math.Max(BatchTokens, longest))).InFileOrder()];
        if (batches.All(batch => !AskedTokens.Of(batch).Contains(true)))
            throw new BadFileException(request.Data, null, "has no answer of two tokens or more; there is nothing to predict");
        return (batches, [.. data.Sequences.Select(sequence => sequence.Kind)]);
    }

    private static bool HasLabels(PackedBatch batch) => batch.IterationCounts.Any(count => count > 1);
}
