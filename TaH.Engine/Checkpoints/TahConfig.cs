namespace TaH.Engine;

/// <summary>Who decides which tokens go on to a deeper pass.</summary>
public enum DeciderKind
{
    /// <summary>The learned classifier (MLPIterDecider).</summary>
    Learned,

    /// <summary>Oracle labels (IterLabelDecider): a checkpoint of the first training stage, which stops at depth 0 where no labels are
    /// given.</summary>
    Labels,

    /// <summary>No token goes on (TrivialIterDecider, or AlwaysWrapperIterDecider in mode "stop", of the official code's first release).</summary>
    Never,

    /// <summary>Every token goes on (AlwaysWrapperIterDecider in mode "continue").</summary>
    Always,
}

/// <summary>tah_config.json: how a TaH model iterates.</summary>
/// <remarks>Source: TaHConfig and TaHForCausalLM of github.com/thu-nics/TaH at 1e07bc3; keys that it does not know are ignored there and
/// here.</remarks>
public sealed record TahConfig
{
    /// <summary>The most passes that a session runs; a file that asks for more is refused when it is read.</summary>
    internal const int MaxDepth = 16;

    /// <summary>The key of <see cref="HasAdapter"/>.</summary>
    internal const string HasAdapterKey = "has_adapter";

    /// <summary>The most passes a token may take; 1 is a plain model.</summary>
    public required int MaxIter { get; init; }

    /// <summary>How many of the largest logits make up the next pass's input embedding.</summary>
    public required int SoftEmbeddingTopK { get; init; }

    /// <summary>The decider's class name in the official code.</summary>
    public required string IterDecider { get; init; }

    /// <summary>What that class does.</summary>
    public required DeciderKind Kind { get; init; }

    /// <summary>The settings of a learned decider; null for the other kinds.</summary>
    public DeciderConfig? Decider { get; init; }

    /// <summary>
    /// Whether there are low-rank updates; false in what was trained without them. The key is ours: to the official code updates that are not in the
    /// checkpoint are zero, so that it computes the same.
    /// </summary>
    public bool HasAdapter { get; init; } = true;

    /// <summary>The LoRA rank that <c>adapter_kwargs</c> names, or null.</summary>
    public int? AdapterRank { get; init; }

    /// <summary>The LoRA alpha that <c>adapter_kwargs</c> names, or null.</summary>
    public double? AdapterAlpha { get; init; }

    /// <summary>Whether <c>adapter_kwargs</c> asks for rank-stabilised scaling, or null.</summary>
    public bool? AdapterUseRsLora { get; init; }

    /// <summary>Reads tah_config.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or it asks for something that this engine does not compute.</exception>
    public static TahConfig Read(string path) => Read(path, Path.GetFileName(path));

    internal static TahConfig Read(string path, string name)
    {
        var root = JsonFile.Read(path, name);
        RefuseOtherParts(root);
        var decider = root["iter_decider"].Text();
        var (kwargs, adapter) = (root["iter_decider_kwargs"], root["adapter_kwargs"]);
        var kind = ReadKind(root["iter_decider"], kwargs);
        return new TahConfig
        {
            MaxIter = root["max_iter"].Integer(1, MaxDepth),
            SoftEmbeddingTopK = root["input_updater_kwargs"]["topk"].Integer(1, int.MaxValue, otherwise: 100),
            IterDecider = decider,
            Kind = kind,
            Decider = kind == DeciderKind.Learned ? DeciderConfig.Read(kwargs) : null,
            HasAdapter = root[HasAdapterKey].Flag(true),
            AdapterRank = adapter["r"].IsAbsent ? null : adapter["r"].Integer(1, LoraConfig.MaxRank),
            AdapterAlpha = adapter["lora_alpha"].IsAbsent ? null : adapter["lora_alpha"].Number(0, float.MaxValue),
            AdapterUseRsLora = adapter["use_rslora"].IsAbsent ? null : adapter["use_rslora"].Flag(false),
        };
    }

    private static DeciderKind ReadKind(JsonField field, JsonField kwargs)
    {
        var mode = kwargs["mode"];
        return (field.Text(), field.Text() == "AlwaysWrapperIterDecider" ? mode.Text("continue") : null) switch
        {
            ("MLPIterDecider", _) => DeciderKind.Learned,
            ("IterLabelDecider", _) => DeciderKind.Labels,
            ("TrivialIterDecider", _) => DeciderKind.Never,
            (_, "stop") => DeciderKind.Never,
            (_, "continue") => DeciderKind.Always,
            (_, { } other) => throw mode.Error($"is {Words.Quoted(other)}, \"continue\" or \"stop\" was expected"),
            (var other, _) => throw field.Error($"is {Words.Quoted(other)}, known are MLPIterDecider, IterLabelDecider, TrivialIterDecider and "
                + "AlwaysWrapperIterDecider"),
        };
    }

    private static void RefuseOtherParts(JsonField root)
    {
        var (embedding, adapter, evaluation) = (root["embedding_key"], root["adapter"], root["eval_iter_decider"]);
        if (embedding.Text("model.embed_tokens") is not "model.embed_tokens" and var key)
        {
            throw embedding.Error($"is {Words.Quoted(key)}, a Qwen3 model has \"model.embed_tokens\"");
        }

        if (adapter.Text("lora") is not "lora" and var kind) throw adapter.Error($"is {Words.Quoted(kind)}, only \"lora\" is computed");
        if (evaluation.Text("") is not ("" or "iter_decider") and var other)
        {
            throw evaluation.Error($"is {Words.Quoted(other)}, a decider of its own for evaluation; only \"iter_decider\", the trained one, is read");
        }
    }
}
