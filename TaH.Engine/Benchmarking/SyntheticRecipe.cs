using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>The sizes of a model that is made of random weights.</summary>
/// <param name="Name">How it is asked for.</param>
/// <param name="Config">The base model.</param>
/// <param name="LoraRank">Rank of the updates on every projection; alpha is twice as large, as in the release.</param>
/// <param name="DeciderLayers">The hidden states that the decider reads.</param>
/// <param name="DeciderWidth">Width of each of the decider's blocks.</param>
/// <param name="DeciderBlocks">How many it has.</param>
internal sealed record SyntheticRecipe(
    string Name, Qwen3Config Config, int LoraRank, ImmutableArray<int> DeciderLayers, int DeciderWidth, int DeciderBlocks)
{
    /// <summary>Small enough for tests, with sizes that are no powers of two.</summary>
    public static readonly SyntheticRecipe Tiny = new(
        "qwen3-tiny", Qwen3(vocab: 600, hidden: 72, ffn: 200, layers: 3, heads: 4, kvHeads: 2, headDim: 16, positions: 512),
        LoraRank: 4, [0, 2, 3], DeciderWidth: 24, DeciderBlocks: 2);

    /// <summary>
    /// The published shapes. Adapter and decider have the release's recipe sizes; it has none for 4B, which takes those of 1.7B with hidden states at
    /// the same relative depths.
    /// </summary>
    public static readonly IReadOnlyList<SyntheticRecipe> Published =
    [
        new("qwen3-0.6b", Qwen3(151_936, hidden: 1024, ffn: 3072, layers: 28, heads: 16), LoraRank: 16, [0, 7, 13, 20, 26], 256, DeciderBlocks: 6),
        new("qwen3-1.7b", Qwen3(151_936, hidden: 2048, ffn: 6144, layers: 28, heads: 16), LoraRank: 32, [2, 10, 18, 26], 512, DeciderBlocks: 6),
        new("qwen3-4b", Qwen3(151_936, hidden: 2560, ffn: 9728, layers: 36, heads: 32), LoraRank: 32, [3, 13, 23, 33], 512, DeciderBlocks: 6),
    ];

    /// <summary>The recipe as the parts of a checkpoint would describe it.</summary>
    public ModelDescription Describe()
    {
        const int Passes = 2;
        var decider = new DeciderConfig
        {
            TopK = 100,
            HiddenSize = Config.HiddenSize,
            HiddenLayers = DeciderLayers,
            HiddenDims = [.. Enumerable.Repeat(DeciderWidth, DeciderBlocks)],
            Threshold = 0.9,
            ThresholdIsGiven = true,
        };
        var tah = new TahConfig
        {
            MaxIter = Passes,
            SoftEmbeddingTopK = 100,
            IterDecider = "MLPIterDecider",
            Kind = DeciderKind.Learned,
            Decider = decider,
        };
        // The release's settings; nothing ends a text.
        var generation = new GenerationConfig { DoSample = true, Temperature = 0.6, TopK = 20, TopP = 0.95, MinP = 0 };
        var lora = new LoraConfig(LoraRank, 2 * LoraRank, UseRsLora: false, [LoraConfig.AllLinear]);
        return new ModelDescription(Name, Config, tah, lora, decider, generation, TensorType.Bf16);
    }

    private static Qwen3Config Qwen3(
        int vocab, int hidden, int ffn, int layers, int heads, int kvHeads = 8, int headDim = 128, int positions = 40_960) =>
        new(vocab, hidden, ffn, layers, heads, kvHeads, headDim, RmsNormEpsilon: 1e-6, RopeTheta: 1e6, positions,
            TieWordEmbeddings: true, TensorType.Bf16);
}
