using System.Collections.Immutable;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>lora/adapter_config.json: the rank and scale of the low-rank updates and the projections that have one.</summary>
/// <param name="Rank">Rows of A and columns of B.</param>
/// <param name="Alpha">The numerator of the scale.</param>
/// <param name="UseRsLora">True for rank-stabilised scaling.</param>
/// <param name="TargetModules">The names as the file gives them; a module is adapted when its path ends in one.</param>
/// <remarks>Source: LoraConfig of github.com/huggingface/peft.</remarks>
public sealed record LoraConfig(int Rank, double Alpha, bool UseRsLora, ImmutableArray<string> TargetModules)
{
    internal const int MaxRank = 1 << 16;
    private const int MaxTargets = 1 << 10;

    /// <summary>The word for every linear layer but the head.</summary>
    internal const string AllLinear = "all-linear";

    // Each of these changes what is computed, or which layers it is computed in, and none is computed here.
    private static readonly string[] Refused =
    [
        "use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out", "rank_pattern", "alpha_pattern", "modules_to_save",
        "layers_to_transform", "layers_pattern", "layer_replication", "exclude_modules", "target_parameters", "trainable_token_indices",
        "alora_invocation_tokens", "megatron_config", "arrow_config", "kasa_config", "velora_config", "monteclora_config",
    ];

    /// <summary>Dropout of what the updates read while they are trained; it changes nothing afterwards.</summary>
    public double Dropout { get; init; }

    /// <summary>What multiplies B A x: alpha / rank, or alpha / sqrt(rank) with rank-stabilised scaling.</summary>
    public double Scale => UseRsLora ? Alpha / Math.Sqrt(Rank) : Alpha / Rank;

    /// <summary>Reads adapter_config.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or it asks for something that this engine does not compute.</exception>
    public static LoraConfig Read(string path) => Read(path, Path.GetFileName(path));

    internal static LoraConfig Read(string path, string name)
    {
        var root = JsonFile.Read(path, name);
        RefuseOther(root["peft_type"], "LORA");
        RefuseOther(root["bias"], "none");
        foreach (var key in Refused)
        {
            if (!root[key].IsOff) throw root[key].Error("is set, this engine does not compute it");
        }

        return new LoraConfig(
            root["r"].Integer(1, MaxRank),
            root["lora_alpha"].Number(0, float.MaxValue),
            root["use_rslora"].Flag(false),
            ReadTargets(root["target_modules"]))
        {
            Dropout = root["lora_dropout"].IsAbsent ? 0 : root["lora_dropout"].Number(0, 1),
        };
    }

    /// <summary>Whether the module at a path has an update.</summary>
    /// <param name="module">For instance <c>model.layers.0.self_attn.q_proj</c>.</param>
    internal bool Adapts(string module) => TargetModules.Any(target =>
        target == AllLinear || module == target || (module.EndsWith(target, StringComparison.Ordinal) && module[^(target.Length + 1)] == '.'));

    /// <summary>Whether every projection of a layer has an update.</summary>
    internal bool AdaptsAll => Qwen3Tensors.Projections.All(projection => Adapts($"{projection.Block}.{projection.Name}"));

    private static void RefuseOther(JsonField field, string only)
    {
        if (field.Text(only) != only) throw field.Error($"is {Words.Quoted(field.Text())}, only \"{only}\" is computed");
    }

    private static ImmutableArray<string> ReadTargets(JsonField field)
    {
        if (field.Kind == JsonValueKind.String)
        {
            if (field.Text() == AllLinear) return [AllLinear];
            throw field.Error($"is the pattern {Words.Quoted(field.Text())}, a list of names or \"{AllLinear}\" was expected");
        }

        ImmutableArray<string> targets = [.. field.Items().Select(item => item.Text())];
        if (targets.Length > MaxTargets) throw field.Error($"has {targets.Length} items, at most {MaxTargets} are read");
        return targets.IsEmpty ? throw field.Error("is empty, no projection has an update") : targets;
    }
}
