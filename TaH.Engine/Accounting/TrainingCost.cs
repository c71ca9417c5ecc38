namespace TaH.Engine;

/// <summary>
/// Operations that training asks of a model: products with weights and attention, once forward and twice backward for what is trained. What an
/// implementation computes again, and the little besides (norms, activations, soft embeddings), do not count.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="trained">What has gradients.</param>
/// <param name="scope">Which depths a row sees.</param>
internal sealed class TrainingCost(ModelDescription model, TrainedParts trained, AttentionScope scope)
{
    private readonly long _layers = (long)model.Config.LayerCount * Qwen3Tensors.Projections.Sum(projection => Elements(model, projection.Name));
    private readonly long _head = (long)model.Config.VocabSize * model.Config.HiddenSize;
    private readonly long _lora = model.Lora is { } lora ? TrainingTensors.OfLora(model.Config, lora).Sum(Elements) : 0;
    private readonly long _decider = model.Decider is { } decider ? TrainingTensors.OfDecider(decider).Where(spec => spec.Decays).Sum(Elements) : 0;

    /// <summary>The operations of a micro-batch.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="iterations">[tokens] passes that each takes.</param>
    /// <param name="depths">Passes that are computed at the most; a decider need not see the last one.</param>
    public double Of(PackedBatch batch, int[] iterations, int depths)
    {
        var rows = Count(batch, iterations, depths);
        var backbone = (2.0 * _layers * (rows.Shallow + rows.Deep)) + (2.0 * _lora * rows.Deep) + (2.0 * _head * rows.Heads)
            + (4.0 * model.Config.LayerCount * model.Config.HeadCount * model.Config.HeadDim * rows.Attended);
        return ((trained & (TrainedParts.Backbone | TrainedParts.Lora)) == 0 ? backbone : 3 * backbone) + (3 * 2.0 * _decider * rows.Decided);
    }

    private PassRows Count(PackedBatch batch, int[] iterations, int depths)
    {
        var (shallow, deep, heads, decided, attended) = (0, 0, 0, 0, 0L);
        var decides = trained.HasFlag(TrainedParts.Decider);
        var entries = new long[Math.Max(depths, 1)];
        for (var token = 0; token < iterations.Length; token++)
        {
            if (batch.Positions[token] == 0) Array.Clear(entries);
            var passes = Math.Min(iterations[token], depths);
            for (var depth = 0; depth < passes; depth++)
            {
                entries[depth]++;
                attended += scope switch
                {
                    AttentionScope.OwnDepth => entries[depth],
                    AttentionScope.FirstDepth => entries[0],
                    _ => Sum(entries.AsSpan(0, depth + 1)),
                };
                if (depth == 0) shallow++;
                else deep++;
                // Tokens without label whose passes end at depth 0 never see the head, unless the decider asks for their logits.
                var isDecided = decides && depth + 1 < model.Shape.Depths;
                if (isDecided) decided++;
                if (isDecided || depth > 0 || passes > 1 || batch.Labels[token] >= 0) heads++;
            }
        }
        return new PassRows(shallow, deep, heads, decided, attended, attended);
    }

    private static long Sum(ReadOnlySpan<long> numbers)
    {
        var sum = 0L;
        foreach (var number in numbers) sum += number;
        return sum;
    }

    private static long Elements(ModelDescription model, string projection)
    {
        var (outputs, inputs) = Qwen3Tensors.ProjectionShape(model.Config, projection);
        return outputs * inputs;
    }

    private static long Elements(ParameterSpec spec) => spec.Shape.Aggregate(1L, (product, size) => product * size);
}
