namespace TaH.Engine;

/// <summary>A vector and its gradient, such as a norm's weight.</summary>
/// <param name="Value">[width].</param>
/// <param name="Gradient">[width], added to; empty where nothing is trained.</param>
internal readonly record struct TrainedVector(Floats Value, Floats Gradient);

/// <summary>A matrix as products read it, and its gradient.</summary>
/// <param name="Weight">[outputs, inputs].</param>
/// <param name="Gradient">[outputs, inputs], added to; empty where nothing is trained.</param>
internal sealed record TrainedMatrix(ProductWeight Weight, Floats Gradient);

/// <summary>A low-rank update: y += scale * (x A^T) B^T.</summary>
/// <param name="A">[rank, inputs].</param>
/// <param name="B">[outputs, rank].</param>
/// <param name="Scale">alpha / rank.</param>
/// <param name="Number">Tells its dropout from that of other updates.</param>
internal sealed record TrainedUpdate(TrainedMatrix A, TrainedMatrix B, float Scale, int Number)
{
    /// <summary>Elements between the two products.</summary>
    public int Rank => A.Weight.Outputs;
}

/// <summary>A linear layer: the shared matrix, and the update of deeper passes.</summary>
/// <param name="Matrix">[outputs, inputs].</param>
/// <param name="Update">Null where there is none.</param>
internal sealed record TrainedProjection(TrainedMatrix Matrix, TrainedUpdate? Update);

/// <summary>The parameters of one decoder layer; see <see cref="LayerWeights"/>.</summary>
internal sealed record TrainedLayer(
    TrainedVector AttentionNorm, TrainedProjection Query, TrainedProjection Key, TrainedProjection Value, TrainedVector QueryNorm,
    TrainedVector KeyNorm, TrainedProjection Output, TrainedVector FfnNorm, TrainedProjection Gate, TrainedProjection Up, TrainedProjection Down);

/// <summary>A linear layer with bias of the decider.</summary>
/// <param name="Matrix">[outputs, inputs].</param>
/// <param name="Bias">[outputs].</param>
internal sealed record TrainedLinear(TrainedMatrix Matrix, TrainedVector Bias);
