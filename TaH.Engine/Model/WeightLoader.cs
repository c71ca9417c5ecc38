namespace TaH.Engine;

/// <summary>Brings a checkpoint's weights to a device. On the CPU matrices stay in the mapped files, so that they are in memory once.</summary>
internal sealed unsafe class WeightLoader(ComputeDevice device, Checkpoint checkpoint)
{
    private readonly List<IDisposable> _owned = [];
    private long _bytes;

    public ModelWeights Load()
    {
        try
        {
            var config = checkpoint.Config;
            var shape = new ModelShape(
                config.LayerCount, config.HiddenSize, config.IntermediateSize, config.HeadCount, config.KvHeadCount, config.HeadDim, config.VocabSize,
                checkpoint.Tah?.MaxIter ?? 1, checkpoint.Lora?.Config.Rank ?? 0, (float)config.RmsNormEpsilon, config.RopeTheta);
            var embedding = Matrix(checkpoint.Weight("model.embed_tokens.weight"));
            var layers = Enumerable.Range(0, config.LayerCount).Select(Layer).ToArray();
            var head = new HeadWeights(Vector("model.norm.weight"), config.TieWordEmbeddings ? embedding : Matrix(checkpoint.Weight("lm_head.weight")));
            var decider = checkpoint.Decider is { } weights ? new DeciderLoader(device, weights, Own).Load() : null;
            return new ModelWeights(shape, embedding, layers, head, decider, checkpoint.Decider?.Config.HiddenLayers ?? [])
            {
                Owned = _owned,
                ByteCount = _bytes,
            };
        }
        catch
        {
            foreach (var owned in _owned) owned.Dispose();
            throw;
        }
    }

    private LayerWeights Layer(int layer)
    {
        var prefix = $"model.layers.{layer}.";
        return new LayerWeights(
            Vector(prefix + "input_layernorm.weight"),
            Project(layer, "self_attn", "q_proj"),
            Project(layer, "self_attn", "k_proj"),
            Project(layer, "self_attn", "v_proj"),
            Vector(prefix + "self_attn.q_norm.weight"),
            Vector(prefix + "self_attn.k_norm.weight"),
            Project(layer, "self_attn", "o_proj"),
            Vector(prefix + "post_attention_layernorm.weight"),
            Project(layer, "mlp", "gate_proj"),
            Project(layer, "mlp", "up_proj"),
            Project(layer, "mlp", "down_proj"));
    }

    private Projection Project(int layer, string block, string name)
    {
        var weight = Matrix(checkpoint.Weight($"model.layers.{layer}.{block}.{name}.weight"));
        var (a, b) = (checkpoint.Lora?.A(layer, name), checkpoint.Lora?.B(layer, name));
        return new Projection(weight, a is null || b is null ? null : new LoraPair(Matrix(a), Matrix(b), (float)checkpoint.Lora!.Config.Scale));
    }

    private WeightMatrix Matrix(MappedTensor tensor)
    {
        var type = tensor.Type switch
        {
            TensorType.F32 => ElementType.F32,
            TensorType.F16 => ElementType.F16,
            TensorType.Bf16 => ElementType.Bf16,
            _ => throw new CheckpointException(checkpoint.Directory, tensor.Name, $"weights of type {tensor.Type} are not supported; f32, f16 and bf16 are"),
        };
        var matrix = Own(WeightMatrix.FromHost(device, type, (int)tensor.Shape[0], (int)tensor.Shape[1], tensor.Pointer));
        _bytes += matrix.ByteCount;
        return matrix;
    }

    private FloatBuffer Vector(string name) => Own(device.Upload(checkpoint.Weight(name).ToFloats()));

    private T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
