using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>The settings of a learned decider (MLPIterDecider), as <c>iter_decider_kwargs</c> of tah_config.json gives them.</summary>
/// <remarks>Source: MLPIterDecider of github.com/thu-nics/TaH at 1e07bc3, whose default arguments stand for absent keys.</remarks>
public sealed record DeciderConfig
{
    private const int MaxWidth = 1 << 20;
    private const int MaxCount = 1 << 10;

    private static readonly string[] Known =
    [
        "topk", "hidden_states_size", "hidden_states_layer_nums", "hidden_dims", "expansion_factor", "dropout_rate", "normalize_input",
        "threshold", "max_iter", "dtype",
    ];

    /// <summary>How many of the largest logits it reads.</summary>
    public int TopK { get; init; } = 100;

    /// <summary>The model's hidden size.</summary>
    public int HiddenSize { get; init; } = 1024;

    /// <summary>The hidden states it reads, in this order: 0 is the embedding, i the output of layer i - 1, the last index is after the final
    /// norm.</summary>
    public ImmutableArray<int> HiddenLayers { get; init; } = [16, 20, 24, 28];

    /// <summary>The widths of the backbone's blocks.</summary>
    public ImmutableArray<int> HiddenDims { get; init; } = [256, 512, 256];

    /// <summary>How much wider a block is inside.</summary>
    public int ExpansionFactor { get; init; } = 4;

    /// <summary>Dropout of its blocks while it is trained; it changes nothing afterwards.</summary>
    public double DropoutRate { get; init; } = 0.3;

    /// <summary>True where the hidden part passes a LayerNorm and the top-k logits a softmax.</summary>
    public bool NormalizeInput { get; init; }

    /// <summary>The threshold as the file gives it; a token goes on where its probability is larger than <see cref="EffectiveThreshold"/>.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>True where tah_config.json gives the threshold; the one stored in iter_decider.bin counts only where it does not.</summary>
    public bool ThresholdIsGiven { get; init; }

    /// <summary>The decider's own bound on passes, where it is given.</summary>
    public int? MaxIter { get; init; }

    /// <summary>The type of its parameters. The official default is bfloat16, whatever the model's type is.</summary>
    public TensorType Type { get; init; } = TensorType.Bf16;

    /// <summary>The threshold in force: the parameter has the decider's type, so that 0.9 becomes 0.8984375 in bfloat16.</summary>
    /// <remarks>A threshold given with a request is rounded alike: <c>config with { Threshold = x }</c>.</remarks>
    public float EffectiveThreshold => Round((float)Threshold);

    /// <summary>Rounds a value to the decider's type.</summary>
    internal float Round(float value) => Type switch
    {
        TensorType.Bf16 => BFloat16.Round(value),
        TensorType.F16 => (float)(Half)value,
        _ => value,
    };

    internal static DeciderConfig Read(JsonField kwargs)
    {
        RefuseOtherArguments(kwargs);
        var defaults = new DeciderConfig();
        return new DeciderConfig
        {
            TopK = kwargs["topk"].Integer(1, MaxWidth, defaults.TopK),
            HiddenSize = kwargs["hidden_states_size"].Integer(1, MaxWidth, defaults.HiddenSize),
            HiddenLayers = IntegersOr(kwargs["hidden_states_layer_nums"], min: 0, defaults.HiddenLayers),
            HiddenDims = ReadHiddenDims(kwargs["hidden_dims"], defaults.HiddenDims),
            ExpansionFactor = kwargs["expansion_factor"].Integer(1, MaxCount, defaults.ExpansionFactor),
            DropoutRate = kwargs["dropout_rate"].IsAbsent ? defaults.DropoutRate : kwargs["dropout_rate"].Number(0, 1),
            NormalizeInput = kwargs["normalize_input"].Flag(defaults.NormalizeInput),
            Threshold = kwargs["threshold"].IsAbsent ? defaults.Threshold : kwargs["threshold"].Number(0, 1),
            ThresholdIsGiven = !kwargs["threshold"].IsAbsent,
            MaxIter = kwargs["max_iter"].IsAbsent ? null : kwargs["max_iter"].Integer(1, TahConfig.MaxDepth),
            Type = kwargs["dtype"].Kind == System.Text.Json.JsonValueKind.Undefined ? defaults.Type : ReadType(kwargs["dtype"]),
        };
    }

    private static void RefuseOtherArguments(JsonField kwargs)
    {
        foreach (var (name, value) in kwargs.Members())
        {
            if (name == "load_path") throw value.Error("names another directory; this engine reads the decider of the checkpoint itself");
            if (!Known.Contains(name)) throw value.Error("is not an argument of MLPIterDecider");
        }
    }

    private static ImmutableArray<int> ReadHiddenDims(JsonField field, ImmutableArray<int> otherwise)
    {
        var dims = IntegersOr(field, min: 1, otherwise);
        return dims.IsEmpty ? throw field.Error("is empty, the backbone needs at least one block") : dims;
    }

    private static ImmutableArray<int> IntegersOr(JsonField field, int min, ImmutableArray<int> otherwise) =>
        field.IsAbsent ? otherwise : field.Integers(min, MaxWidth, MaxCount);

    /// <summary>A torch.dtype, which the official code writes as {"__dtype__": true, "__str__": "torch.float32"}; null is PyTorch's default
    /// type.</summary>
    private static TensorType ReadType(JsonField field)
    {
        if (field.IsAbsent) return TensorType.F32;
        if (!field["__dtype__"].Flag(false)) throw field.Error("is no torch.dtype in the form {\"__dtype__\": true, \"__str__\": \"torch.float32\"}");
        var name = field["__str__"];
        return TensorTypes.FromTorchName(name.Text())
            ?? throw name.Error($"is {Words.Quoted(name.Text())}, a decider may be torch.bfloat16, torch.float16 or torch.float32");
    }
}
