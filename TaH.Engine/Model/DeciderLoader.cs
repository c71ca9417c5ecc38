namespace TaH.Engine;

/// <summary>Brings an <c>MLPIterDecider</c>'s weights to a device.</summary>
internal sealed class DeciderLoader(ComputeDevice device, DeciderWeights weights, Func<IDisposable, IDisposable> own)
{
    public DeciderModel Load()
    {
        var config = weights.Config;
        return new DeciderModel(
            config.TopK, config.NormalizeInput,
            config.NormalizeInput ? Norm("layer_norm_hidden_states") : null,
            Linear("logits_projection"),
            Linear("combined_projection"),
            Linear("backbone.input_projection"),
            [.. Enumerable.Range(0, config.HiddenDims.Length).Select(Block)],
            Norm("backbone.output_layer.0"),
            Linear("backbone.output_layer.1"));
    }

    private DeciderBlock Block(int index)
    {
        var prefix = $"backbone.blocks.{index}.";
        return new DeciderBlock(
            weights.Tensors.ContainsKey(prefix + "dim_change.weight") ? Linear(prefix + "dim_change") : null,
            Norm(prefix + "layer_norm"), Linear(prefix + "mlp.0"), Linear(prefix + "mlp.3"));
    }

    private DeciderLinear Linear(string name)
    {
        var weight = weights.Tensors[name + ".weight"];
        var matrix = WeightMatrix.FromFloats(device, weight.Shape[0], weight.Shape[1], weight.Values);
        own(matrix);
        return new DeciderLinear(matrix, Vector(name + ".bias"));
    }

    private DeciderNorm Norm(string name) => new(Vector(name + ".weight"), Vector(name + ".bias"));

    private FloatBuffer Vector(string name)
    {
        var buffer = device.Upload(weights.Tensors[name].Values);
        own(buffer);
        return buffer;
    }
}
