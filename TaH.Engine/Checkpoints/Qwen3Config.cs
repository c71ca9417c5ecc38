namespace TaH.Engine;

/// <summary>The sizes and constants of a Qwen3 model.</summary>
/// <param name="VocabSize">Rows of the embedding and of the head.</param>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
/// <param name="LayerCount">Transformer layers.</param>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KvHeadCount">Key and value heads; divides <paramref name="HeadCount"/>.</param>
/// <param name="HeadDim">Width of a head; heads x head_dim need not equal the hidden size.</param>
/// <param name="RmsNormEpsilon">Added to the mean square in every RMSNorm.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="MaxPositions">The longest context the model is made for.</param>
/// <param name="TieWordEmbeddings">True where the head is the embedding.</param>
/// <param name="DeclaredType">The weights' type as config.json declares it, or null.</param>
public sealed record Qwen3Config(
    int VocabSize,
    int HiddenSize,
    int IntermediateSize,
    int LayerCount,
    int HeadCount,
    int KvHeadCount,
    int HeadDim,
    double RmsNormEpsilon,
    double RopeTheta,
    int MaxPositions,
    bool TieWordEmbeddings,
    TensorType? DeclaredType)
{
    private const int MaxSize = 1 << 24;
    private const int MaxHidden = 1 << 20;
    private const int MaxLayers = 1 << 12;
    private const int MaxContext = 1 << 30;

    /// <summary>Reads config.json as transformers 4.x or 5 writes it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or it describes a model that this engine does not compute.</exception>
    public static Qwen3Config Read(string path) => Read(path, Path.GetFileName(path));

    internal static Qwen3Config Read(string path, string name)
    {
        var root = JsonFile.Read(path, name);
        RefuseOtherModels(root);
        var hidden = root["hidden_size"].Integer(1, MaxHidden);
        var heads = root["num_attention_heads"].Integer(1, MaxHidden);
        var config = new Qwen3Config(
            VocabSize: root["vocab_size"].Integer(1, MaxSize),
            HiddenSize: hidden,
            IntermediateSize: root["intermediate_size"].Integer(1, MaxSize),
            LayerCount: root["num_hidden_layers"].Integer(1, MaxLayers),
            HeadCount: heads,
            KvHeadCount: root["num_key_value_heads"].Integer(1, MaxHidden, heads),
            HeadDim: ReadHeadDim(root, hidden, heads),
            RmsNormEpsilon: root["rms_norm_eps"].Number(double.Epsilon, 1),
            RopeTheta: ReadRopeTheta(root),
            MaxPositions: root["max_position_embeddings"].Integer(1, MaxContext),
            TieWordEmbeddings: root["tie_word_embeddings"].Flag(false),
            DeclaredType: ReadType(root));
        CheckHeads(root, config);
        CheckLayerTypes(root["layer_types"], config.LayerCount);
        return config;
    }

    private static void RefuseOtherModels(JsonField root)
    {
        if (root["model_type"].Text() != "qwen3") throw Other(root["model_type"], "this engine runs \"qwen3\"");
        if (root["hidden_act"].Text("silu") != "silu") throw Other(root["hidden_act"], "only \"silu\" is computed");
        if (root["attention_bias"].Flag(false)) throw root["attention_bias"].Error("is true, attention biases are not computed");
        if (root["use_sliding_window"].Flag(false)) throw root["use_sliding_window"].Error("is true, sliding-window attention is not computed");
        if (!root["quantization_config"].IsOff) throw root["quantization_config"].Error("is set, quantized checkpoints are not read");
    }

    private static CheckpointException Other(JsonField field, string expected) => field.Error($"is {Words.Quoted(field.Text())}, {expected}");

    private static int ReadHeadDim(JsonField root, int hidden, int heads)
    {
        var field = root["head_dim"];
        if (!field.IsAbsent) return field.Integer(1, MaxHidden);
        if (hidden % heads == 0) return hidden / heads;
        throw field.Error($"is missing, and hidden_size {hidden} does not divide into {heads} heads");
    }

    /// <summary>transformers 5 keeps the base in rope_parameters, 4.x beside rope_scaling.</summary>
    private static double ReadRopeTheta(JsonField root)
    {
        RefuseScaling(root["rope_scaling"]);
        RefuseScaling(root["rope_parameters"]);
        var (inner, outer) = (root["rope_parameters"]["rope_theta"], root["rope_theta"]);
        if (inner.IsAbsent) return outer.Number(double.Epsilon, double.MaxValue);
        var theta = inner.Number(double.Epsilon, double.MaxValue);
        if (outer.IsAbsent || outer.Number(double.Epsilon, double.MaxValue) == theta) return theta;
        throw outer.Error("differs from rope_parameters.rope_theta");
    }

    private static void RefuseScaling(JsonField rope)
    {
        foreach (var field in new[] { rope["rope_type"], rope["type"] })
        {
            if (field.Text("default") != "default") throw Other(field, "only \"default\" is computed");
        }

        foreach (var field in new[] { rope["factor"], rope["partial_rotary_factor"] })
        {
            if (!field.IsAbsent && field.Number(0, double.MaxValue) != 1) throw field.Error("is not 1, rope scaling is not computed");
        }
    }

    private static TensorType? ReadType(JsonField root)
    {
        var field = root["dtype"].IsAbsent ? root["torch_dtype"] : root["dtype"];
        if (field.IsAbsent) return null;
        return TensorTypes.FromTorchName(field.Text()) ?? throw Other(field, "weights may be bfloat16, float16 or float32");
    }

    private static void CheckHeads(JsonField root, Qwen3Config config)
    {
        if (config.HeadCount % config.KvHeadCount != 0)
        {
            throw root["num_key_value_heads"].Error($"is {config.KvHeadCount}, which does not divide num_attention_heads {config.HeadCount}");
        }

        if (config.HeadDim % 2 != 0) throw root["head_dim"].Error($"is {config.HeadDim}, rotary embedding needs an even number");
        if ((long)config.HeadCount * config.HeadDim > MaxSize)
        {
            throw root["head_dim"].Error($"times num_attention_heads is {Words.Grouped((long)config.HeadCount * config.HeadDim)}, "
                + $"at most {Words.Grouped(MaxSize)} are allowed");
        }
    }

    private static void CheckLayerTypes(JsonField types, int layers)
    {
        if (types.IsAbsent) return;
        var count = 0;
        foreach (var type in types.Items())
        {
            if (type.Text() != "full_attention") throw Other(type, "only \"full_attention\" is computed");
            count++;
        }

        if (count != layers) throw types.Error($"has {count} items, num_hidden_layers is {layers}");
    }
}
