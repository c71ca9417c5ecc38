namespace TaH.Engine;

/// <summary>What a model is, apart from its weights.</summary>
/// <param name="Name">How messages call it.</param>
/// <param name="Config">The base model's sizes.</param>
/// <param name="Tah">How it iterates; null for a plain model.</param>
/// <param name="Lora">The updates of its deeper passes; null for a plain model.</param>
/// <param name="Decider">The learned decider; null for a model without one.</param>
/// <param name="Generation">How its tokens are drawn, and which end a text.</param>
/// <param name="WeightType">The type of the base weights.</param>
internal sealed record ModelDescription(
    string Name, Qwen3Config Config, TahConfig? Tah, LoraConfig? Lora, DeciderConfig? Decider, GenerationConfig Generation, TensorType WeightType)
{
    public static ModelDescription Of(Checkpoint checkpoint) => new(
        Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Directory)), checkpoint.Config, checkpoint.Tah, checkpoint.Lora?.Config,
        checkpoint.Decider?.Config, checkpoint.Generation, checkpoint.WeightType);

    /// <summary>The sizes that kernels need to know.</summary>
    public ModelShape Shape => new(
        Config.LayerCount, Config.HiddenSize, Config.IntermediateSize, Config.HeadCount, Config.KvHeadCount, Config.HeadDim, Config.VocabSize,
        Tah?.MaxIter ?? 1, Lora?.Rank ?? 0, (float)Config.RmsNormEpsilon, Config.RopeTheta);
}
