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
    private readonly ModelElements _elements = ModelElements.Of(model);

    /// <summary>The operations of a micro-batch.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="iterations">[tokens] passes that each takes.</param>
    /// <param name="depths">Passes that are computed at the most; a decider need not see the last one.</param>
    public double Of(PackedBatch batch, int[] iterations, int depths)
    {
        var (rows, deepRows, heads, decided, attended) = (0L, 0L, 0L, 0L, 0L);
        foreach (var row in SeenRows.Of(batch.Positions, iterations, depths, scope))
        {
            attended += row.Attended;
            rows++;
            if (row.Depth > 0) deepRows++;
            var isDecided = trained.HasFlag(TrainedParts.Decider) && row.Depth + 1 < model.Shape.Depths;
            if (isDecided) decided++;
            // Tokens without label whose passes end at depth 0 never see the head, unless the decider asks for their logits.
            if (isDecided || row.Depth > 0 || Math.Min(iterations[row.Token], depths) > 1 || batch.Labels[row.Token] >= 0) heads++;
        }
        var backbone = (2.0 * _elements.Layers * rows) + (2.0 * _elements.Lora * deepRows) + (2.0 * _elements.Head * heads)
            + (4.0 * model.Config.LayerCount * model.Config.HeadCount * model.Config.HeadDim * attended);
        return ((trained & (TrainedParts.Backbone | TrainedParts.Lora)) == 0 ? backbone : 3 * backbone) + (3 * 2.0 * _elements.Decider * decided);
    }
}
