namespace TaH.Engine;

/// <summary>Brings a model's weights to a device, wherever they come from.</summary>
internal sealed class WeightLoader(ComputeDevice device, IWeightSource source)
{
    private readonly List<IDisposable> _owned = [];
    private long _bytes;

    public ModelWeights Load()
    {
        try
        {
            var config = source.Model.Config;
            var embedding = Matrix(Qwen3Tensors.Embedding);
            var layers = Enumerable.Range(0, config.LayerCount).Select(Layer).ToArray();
            var head = new HeadWeights(Vector(Qwen3Tensors.FinalNorm), config.TieWordEmbeddings ? embedding : Matrix(Qwen3Tensors.Head));
            var decider = source.Decider is { } weights ? new DeciderLoader(device, weights, Own).Load() : null;
            source.Complete();
            return new ModelWeights(source.Model.Shape, embedding, layers, head, decider, source.Decider?.Config.HiddenLayers ?? [])
            {
                Rules = PassRules.Of(source.Model.Tah),
                Owned = _owned,
                ByteCount = _bytes,
            };
        }
        catch
        {
            source.Dispose();
            foreach (var owned in _owned) owned.Dispose();
            throw;
        }
    }

    private LayerWeights Layer(int layer)
    {
        var prefix = Qwen3Tensors.Layer(layer);
        return new LayerWeights(
            Vector($"{prefix}.input_layernorm.weight"),
            Project(layer, "self_attn", "q_proj"),
            Project(layer, "self_attn", "k_proj"),
            Project(layer, "self_attn", "v_proj"),
            Vector($"{prefix}.self_attn.q_norm.weight"),
            Vector($"{prefix}.self_attn.k_norm.weight"),
            Project(layer, "self_attn", "o_proj"),
            Vector($"{prefix}.post_attention_layernorm.weight"),
            Project(layer, "mlp", "gate_proj"),
            Project(layer, "mlp", "up_proj"),
            Project(layer, "mlp", "down_proj"));
    }

    private Projection Project(int layer, string block, string name)
    {
        var weight = Matrix($"{Qwen3Tensors.Layer(layer)}.{block}.{name}.weight");
        var (a, b) = (Count(source.LoraA(layer, name)), Count(source.LoraB(layer, name)));
        return new Projection(weight, a is null || b is null ? null : new LoraPair(a, b, (float)source.Model.Lora!.Scale));
    }

    private WeightMatrix Matrix(string name) => Count(source.Matrix(name))!;

    private WeightMatrix? Count(WeightMatrix? matrix)
    {
        if (matrix is null) return null;
        _bytes += matrix.ByteCount;
        return Own(matrix);
    }

    private FloatBuffer Vector(string name) => Own(device.Upload(source.Vector(name)));

    private T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
