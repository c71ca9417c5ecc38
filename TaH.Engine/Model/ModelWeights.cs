namespace TaH.Engine;

/// <summary>A model's weights on a device, in the form that the operations take.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Embedding">[vocab, hidden].</param>
/// <param name="Layers">The decoder layers.</param>
/// <param name="Head">Final norm and head.</param>
/// <param name="Decider">The decider, or null for a model without a learned one.</param>
/// <param name="DeciderLayers">The hidden states that the decider reads, in its order: 0 is the input of layer 0, i the output of layer i-1, the last
/// the final norm's.</param>
internal sealed record ModelWeights(
    ModelShape Shape,
    WeightMatrix Embedding,
    IReadOnlyList<LayerWeights> Layers,
    HeadWeights Head,
    DeciderModel? Decider,
    IReadOnlyList<int> DeciderLayers)
{
    /// <summary>How the passes of a token hang together.</summary>
    public PassRules Rules { get; init; } = PassRules.Whole;

    /// <summary>Everything that was allocated, for <see cref="IDisposable.Dispose"/>.</summary>
    public required IReadOnlyList<IDisposable> Owned { get; init; }

    /// <summary>Bytes of weights that lie in device memory, or on the CPU in the mapped files.</summary>
    public required long ByteCount { get; init; }
}
