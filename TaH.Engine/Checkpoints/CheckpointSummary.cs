namespace TaH.Engine;

/// <summary>How many parameters each part of a checkpoint has.</summary>
/// <param name="Embedding">The token embedding.</param>
/// <param name="Head">The head; 0 where it is the embedding.</param>
/// <param name="Attention">Query, key, value and output projections of all layers.</param>
/// <param name="FeedForward">Gate, up and down projections of all layers.</param>
/// <param name="Norms">All RMSNorm weights.</param>
/// <param name="Lora">The updates of the deeper passes.</param>
/// <param name="Decider">The learned decider.</param>
public sealed record ParameterCounts(long Embedding, long Head, long Attention, long FeedForward, long Norms, long Lora, long Decider)
{
    /// <summary>The base model alone.</summary>
    public long Base => Embedding + Head + Attention + FeedForward + Norms;

    /// <summary>Everything.</summary>
    public long Total => Base + Lora + Decider;
}

/// <summary>What a checkpoint holds, in numbers: the data behind <c>tah info</c>.</summary>
public sealed record CheckpointSummary
{
    private CheckpointSummary(Checkpoint checkpoint)
    {
        Directory = checkpoint.Directory;
        Config = checkpoint.Config;
        Generation = checkpoint.Generation;
        Tah = checkpoint.Tah;
        Lora = checkpoint.Lora?.Config;
        Decider = checkpoint.Decider?.Config;
        WeightType = checkpoint.WeightType;
        ShardCount = checkpoint.ShardCount;
        HasTokenizer = checkpoint.TokenizerPath is not null;
        Notes = checkpoint.Notes;
        Parameters = Count(checkpoint);
        WeightBytes = checkpoint.WeightBytes;
        LoraBytes = checkpoint.Lora?.Tensors.Values.Sum(tensor => tensor.ByteCount) ?? 0;
    }

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>The base model's sizes.</summary>
    public Qwen3Config Config { get; }

    /// <summary>Stop tokens and sampling settings.</summary>
    public GenerationConfig Generation { get; }

    /// <summary>How the model iterates; null for a plain model.</summary>
    public TahConfig? Tah { get; }

    /// <summary>Rank, scale and targets of the updates; null for a plain model.</summary>
    public LoraConfig? Lora { get; }

    /// <summary>The learned decider's settings with both thresholds; null where there is no learned decider.</summary>
    public DeciderConfig? Decider { get; }

    /// <summary>The type of the base weights.</summary>
    public TensorType WeightType { get; }

    /// <summary>How many files the base weights are in.</summary>
    public int ShardCount { get; }

    /// <summary>Whether tokenizer.json is there.</summary>
    public bool HasTokenizer { get; }

    /// <summary>What a user should know though it is no error.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Parameters by part.</summary>
    public ParameterCounts Parameters { get; }

    /// <summary>Bytes of the base weights.</summary>
    public long WeightBytes { get; }

    /// <summary>Bytes of the updates.</summary>
    public long LoraBytes { get; }

    /// <summary>Bytes of the decider in the engine, which holds it in float32.</summary>
    public long DeciderBytes => Parameters.Decider * sizeof(float);

    /// <summary>Bytes of keys and values that one position takes at one depth: layers x KV heads x head_dim, twice.</summary>
    /// <param name="bytesPerValue">2 for a bfloat16 cache, 4 for a float32 one.</param>
    public long KvBytesPerPosition(int bytesPerValue) => 2L * Config.LayerCount * Config.KvHeadCount * Config.HeadDim * bytesPerValue;

    /// <summary>Sums up an open checkpoint; the summary outlives it.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    public static CheckpointSummary Of(Checkpoint checkpoint) => new(checkpoint);

    private static ParameterCounts Count(Checkpoint checkpoint) => new(
        Embedding: Sum(checkpoint, name => name == Qwen3Tensors.Embedding),
        Head: Sum(checkpoint, name => name == Qwen3Tensors.Head),
        Attention: Sum(checkpoint, name => IsProjection(name, "self_attn")),
        FeedForward: Sum(checkpoint, name => IsProjection(name, "mlp")),
        Norms: Sum(checkpoint, name => name.EndsWith("norm.weight", StringComparison.Ordinal)),
        Lora: checkpoint.Lora?.Tensors.Values.Sum(tensor => tensor.ElementCount) ?? 0,
        Decider: checkpoint.Decider?.Tensors.Values.Sum(tensor => (long)tensor.Values.Length) ?? 0);

    private static long Sum(Checkpoint checkpoint, Func<string, bool> belongs) =>
        checkpoint.Weights.Where(tensor => belongs(tensor.Name)).Sum(tensor => tensor.ElementCount);

    private static bool IsProjection(string name, string block) =>
        name.Contains($".{block}.", StringComparison.Ordinal) && name.EndsWith("_proj.weight", StringComparison.Ordinal);
}
