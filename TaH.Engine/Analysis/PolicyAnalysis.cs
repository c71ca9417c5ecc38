namespace TaH.Engine;

/// <summary>
/// Next-token accuracy of a model on given text, all products in f32: every token is predicted from the text before it, not from the model's own
/// answers, so that policies differ in nothing but who takes further passes.
/// </summary>
public static class PolicyAnalysis
{
    private const int BatchTokens = 1 << 14;

    /// <summary>Runs every policy over the text.</summary>
    /// <param name="request">The model and the text.</param>
    /// <param name="selector">Where it is computed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="BadFileException">A file cannot be used.</exception>
    /// <exception cref="UsageException">The request cannot be met.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    public static PolicyTable Run(AnalysisRequest request, DeviceSelector selector, CancellationToken cancellation = default)
    {
        request.Validate();
        using var source = Checkpoint.Open(request.Model);
        var description = ModelDescription.Of(source);
        using var device = DeviceCatalog.Open(selector);
        device.Accelerator.Bind();
        using var operations = new TrainingOperations(device, TrainingPrecision.F32, description.Shape.HeadDim, description.Shape.RopeTheta);
        using var model = new TrainingModel(operations, description, TrainedParts.None);
        ParameterInitialiser.FromCheckpoint(model, source, new Xoshiro256(1), takesDecider: true);
        var data = TrainingData.Load([request.Data], RowTokenizer.Of(source), new TrainingDataOptions
        {
            MaxLength = Math.Min(request.MaxLength, source.Config.MaxPositions), MaxSequences = request.Rows, MaxIter = description.Shape.Depths,
        }, cancellation);
        var longest = data.Sequences.Max(sequence => sequence.Length);
        PackedBatch[] batches = [.. new BatchBuilder(data.Sequences, new BatchPlan(data.Sequences.Count, Math.Max(BatchTokens, longest))).InFileOrder()];
        var options = StageModel.Options(description.Tah, device, description.Shape);
        using var language = new LanguageStep(operations, model, options);
        using var decider = model.DeciderNet is null ? null : new DeciderStep(operations, model, options);
        var policies = Policies(description, batches, decider)
            .Select(policy => Measure(policy.Name, policy.Iterations, batches, language, cancellation)).ToArray();
        return new PolicyTable(
            description.Name, data.Sequences.Count, batches.Sum(batch => batch.Labels.LongCount(label => label >= 0)), device.Info.Name, policies);
    }

    private static IEnumerable<(string Name, Func<PackedBatch, int[]> Iterations)> Policies(
        ModelDescription model, PackedBatch[] batches, DeciderStep? decider)
    {
        var depths = model.Shape.Depths;
        yield return ("never", batch => Constant(batch, 1));
        if (depths == 1) yield break;
        yield return ("always", batch => Constant(batch, depths));
        if (batches.Any(batch => batch.IterationCounts.Any(count => count > 1)))
            yield return ("oracle", batch => [.. batch.IterationCounts.Select(count => Math.Clamp(count, 1, depths))]);
        if (decider is not null) yield return ("decider", batch => decider.Run(batch, depths, positiveWeight: 1, scale: 0, backward: false).Iterations);
    }

    private static int[] Constant(PackedBatch batch, int passes) => [.. batch.Tokens.Select(_ => passes)];

    private static PolicyAccuracy Measure(
        string name, Func<PackedBatch, int[]> policy, PackedBatch[] batches, LanguageStep language, CancellationToken cancellation)
    {
        var (tokens, right, rows, wholeRows, iterations, loss) = (0L, 0L, 0L, 0L, 0L, 0.0);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            var passes = policy(batch);
            var outcomes = language.Run(batch, passes, scale: 0, backward: false);
            for (var row = 0; row < batch.SequenceStarts.Length; row++)
            {
                var whole = true;
                for (var token = batch.SequenceStarts[row]; token < batch.EndOf(row); token++)
                {
                    if (batch.Labels[token] < 0) continue;
                    var isRight = outcomes.Predictions[token] == batch.Labels[token];
                    (tokens, right, iterations, loss) = (tokens + 1, right + (isRight ? 1 : 0), iterations + passes[token], loss + outcomes.Losses[token]);
                    whole &= isRight;
                }
                (rows, wholeRows) = (rows + 1, wholeRows + (whole ? 1 : 0));
            }
        }
        return new PolicyAccuracy(name, (double)right / tokens, (double)wholeRows / rows, (double)iterations / tokens, loss / tokens);
    }
}
