namespace TaH.Tests;

/// <summary>The decider's weights by their official names, on the host and on a device.</summary>
internal sealed class GoldenDeciderWeights(ComputeDevice device, Func<string, (float[] Values, int[] Shape)?> find) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>An array that has to be there.</summary>
    public float[] this[string name] => Get(name).Values;

    public DeciderModel Model(int topK, bool normalizeInput)
    {
        var blocks = Enumerable.Range(0, int.MaxValue).Select(i => $"backbone.blocks.{i}")
            .TakeWhile(name => find($"{name}.layer_norm.weight") is not null)
            .Select(name => new DeciderBlock(
                find($"{name}.dim_change.weight") is null ? null : Linear($"{name}.dim_change"), Norm($"{name}.layer_norm"),
                Linear($"{name}.mlp.0"), Linear($"{name}.mlp.3")));
        return new DeciderModel(
            topK, normalizeInput, normalizeInput ? Norm("layer_norm_hidden_states") : null, Linear("logits_projection"),
            Linear("combined_projection"), Linear("backbone.input_projection"), [.. blocks], Norm("backbone.output_layer.0"), Linear("backbone.output_layer.1"));
    }

    public bool Has(string name) => find(name) is not null;

    public void Dispose()
    {
        foreach (var buffer in _owned) buffer.Dispose();
    }

    private (float[] Values, int[] Shape) Get(string name) => find(name) ?? throw new KeyNotFoundException(name);

    private DeciderLinear Linear(string name)
    {
        var (values, shape) = Get($"{name}.weight");
        var weight = WeightMatrix.FromFloats(device, shape[0], shape[1], values);
        _owned.Add(weight);
        return new DeciderLinear(weight, Buffer($"{name}.bias"));
    }

    private DeciderNorm Norm(string name) => new(Buffer($"{name}.weight"), Buffer($"{name}.bias"));

    private FloatBuffer Buffer(string name)
    {
        var buffer = device.Copy(Get(name).Values);
        _owned.Add(buffer);
        return buffer;
    }
}
