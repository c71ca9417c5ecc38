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
/// <remarks>
/// Source: TaHConfig and TaHForCausalLM of github.com/thu-nics/TaH at 1e07bc3; keys that it does not know are ignored there and here. Three keys say
/// what an ablation leaves out, as the first release of that code (at 4ba7145) wrote them: iter_attention_mode, output_updater, and adapter "none".
/// </remarks>
public sealed record TahConfig
{
    /// <summary>The most passes that a session runs; a file that asks for more is refused when it is read.</summary>
    internal const int MaxDepth = 16;

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

    /// <summary>Which depths a row's attention sees.</summary>
    public AttentionScope Attention { get; init; } = AttentionScope.DuoCausal;

    /// <summary>Whether logits add up over the depths.</summary>
    public bool AddsLogits { get; init; } = true;

    /// <summary>Whether deeper passes have low-rank updates.</summary>
    public bool HasLora { get; init; } = true;

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
            Attention = ReadAttention(root["iter_attention_mode"]),
            AddsLogits = ReadUpdater(root["output_updater"]),
            HasLora = root["adapter"].Text("lora") == "lora",
            AdapterRank = adapter["r"].IsAbsent ? null : adapter["r"].Integer(1, LoraConfig.MaxRank),
            AdapterAlpha = adapter["lora_alpha"].IsAbsent ? null : adapter["lora_alpha"].Number(0, float.MaxValue),
            AdapterUseRsLora = adapter["use_rslora"].IsAbsent ? null : adapter["use_rslora"].Flag(false),
        };
    }

    private static AttentionScope ReadAttention(JsonField field) => field.Text(TahConfigKeys.Duo) switch
    {
        TahConfigKeys.Duo => AttentionScope.DuoCausal,
        TahConfigKeys.SameIteration => AttentionScope.OwnDepth,
        TahConfigKeys.Root => AttentionScope.FirstDepth,
        var other => throw field.Error($"is {Words.Quoted(other)}, known are \"duo\", \"same_iter\" and \"root\""),
    };

    private static bool ReadUpdater(JsonField field) => field.Text(TahConfigKeys.Additive) switch
    {
        TahConfigKeys.Additive => true,
        TahConfigKeys.NoUpdater => false,
        var other => throw field.Error($"is {Words.Quoted(other)}, known are \"{TahConfigKeys.Additive}\" and \"{TahConfigKeys.NoUpdater}\""),
    };

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

        if (adapter.Text("lora") is not ("lora" or TahConfigKeys.NoAdapter) and var kind)
            throw adapter.Error($"is {Words.Quoted(kind)}, only \"lora\" and \"none\" are computed");
        if (evaluation.Text("") is not ("" or "iter_decider") and var other)
        {
            throw evaluation.Error($"is {Words.Quoted(other)}, a decider of its own for evaluation; only \"iter_decider\", the trained one, is read");
        }
    }
}
