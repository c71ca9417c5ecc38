using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>A model directory in the Hugging Face layout, opened: configurations read, weights mapped, everything checked against everything
/// else.</summary>
/// <remarks>With <c>lora/</c>, <c>iter_decider.bin</c> and <c>tah_config.json</c> it is a TaH model, without any of them a plain Qwen3. One whose
/// deeper passes have no updates has no <c>lora/</c>, and says so in <c>tah_config.json</c>.</remarks>
public sealed class Checkpoint : IDisposable
{
    private readonly BaseWeights _weights;

    private Checkpoint(string directory)
    {
        Directory = directory;
        var isTah = TahParts.ArePresent(directory);
        Config = Qwen3Config.Read(Path.Combine(directory, "config.json"), "config.json");
        Generation = GenerationConfig.Read(directory);
        Tah = isTah ? TahConfig.Read(Path.Combine(directory, TahParts.ConfigName), TahParts.ConfigName) : null;
        _weights = BaseWeights.Open(directory, Config);
        try
        {
            if (Tah is not null) (Tah, Lora, Decider) = TahParts.Open(directory, Tah, Config);
        }
        catch
        {
            _weights.Dispose();
            throw;
        }

        var tokenizer = Path.Combine(directory, "tokenizer.json");
        // Whatever stands there: what is no file is refused by name when it is read, not taken for absent.
        TokenizerPath = Path.Exists(tokenizer) ? tokenizer : null;
    }

    /// <summary>The directory it was opened from.</summary>
    public string Directory { get; }

    /// <summary>The base model's sizes.</summary>
    public Qwen3Config Config { get; }

    /// <summary>Stop tokens and sampling settings.</summary>
    public GenerationConfig Generation { get; }

    /// <summary>How the model iterates; null for a plain model.</summary>
    public TahConfig? Tah { get; }

    /// <summary>The updates of the deeper passes; null for a plain model, and for one without them.</summary>
    public LoraAdapter? Lora { get; }

    /// <summary>The learned decider; null for a plain model and for deciders without parameters.</summary>
    public DeciderWeights? Decider { get; }

    /// <summary>True where the directory holds a TaH model.</summary>
    public bool IsTah => Tah is not null;

    /// <summary>The type that all base weights have.</summary>
    public TensorType WeightType => _weights.Type;

    /// <summary>The bytes of the base weights that the model uses.</summary>
    public long WeightBytes => _weights.Tensors.Sum(tensor => tensor.ByteCount);

    /// <summary>How many files the base weights are in.</summary>
    public int ShardCount => _weights.FileCount;

    /// <summary>tokenizer.json, where there is one.</summary>
    public string? TokenizerPath { get; }

    /// <summary>What a user should know though it is no error, one sentence each.</summary>
    public ImmutableArray<string> Notes => _weights.IgnoresStoredHead
        ? ["lm_head.weight is stored beside tie_word_embeddings true; it is ignored and the embedding serves as the head."]
        : [];

    /// <summary>Opens a directory and checks everything in it that the engine uses.</summary>
    /// <param name="directory">The directory with config.json.</param>
    /// <exception cref="CheckpointException">Something is missing, damaged, contradictory, or beyond what this engine computes.</exception>
    public static Checkpoint Open(string directory)
    {
        if (directory.Length == 0) throw new CheckpointException("checkpoint directory", null, "is an empty path");
        if (File.Exists(directory)) throw new CheckpointException(directory, null, "is a file, a checkpoint is a directory");
        if (!System.IO.Directory.Exists(directory)) throw new CheckpointException(directory, null, "does not exist");
        return new Checkpoint(directory);
    }

    /// <summary>A tensor of the base model, for instance <c>model.layers.0.mlp.up_proj.weight</c>; shape and type were checked on opening.</summary>
    /// <param name="name">The name in the Hugging Face layout.</param>
    /// <exception cref="KeyNotFoundException">The model has no such tensor.</exception>
    public MappedTensor Weight(string name) => _weights[name];

    /// <summary>Every base tensor that the model uses.</summary>
    public IEnumerable<MappedTensor> Weights => _weights.Tensors;

    /// <summary>Unmaps the weights; every <see cref="MappedTensor"/> of this checkpoint is invalid from here on.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        Lora?.Dispose();
    }
}
