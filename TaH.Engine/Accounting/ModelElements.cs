namespace TaH.Engine;

/// <summary>Elements of a model's matrices: what a row multiplies with. Norms and biases are left out.</summary>
/// <param name="Layers">Projections of all layers.</param>
/// <param name="Head">The head, tied or not.</param>
/// <param name="Lora">Updates; 0 without.</param>
/// <param name="Decider">The decider; 0 without.</param>
internal sealed record ModelElements(long Layers, long Head, long Lora, long Decider)
{
    /// <summary>Adds up a model's.</summary>
    public static ModelElements Of(ModelDescription model) => new(
        (long)model.Config.LayerCount * Qwen3Tensors.Projections.Sum(projection => Elements(model, projection.Name)),
        (long)model.Config.VocabSize * model.Config.HiddenSize,
        model.Lora is { } lora ? TrainingTensors.OfLora(model.Config, lora).Sum(Elements) : 0,
        model.Decider is { } decider ? TrainingTensors.OfDecider(decider).Where(spec => spec.Decays).Sum(Elements) : 0);

    private static long Elements(ModelDescription model, string projection)
    {
        var (outputs, inputs) = Qwen3Tensors.ProjectionShape(model.Config, projection);
        return outputs * inputs;
    }

    private static long Elements(ParameterSpec spec) => spec.Shape.Aggregate(1L, (product, size) => product * size);
}
