using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>
/// Random weights under the names of a checkpoint's. Norms are 1 and matrices uniform within 1 / sqrt(inputs), so that a product keeps the size of
/// what goes in and activations stay finite through any number of layers.
/// </summary>
internal sealed class SyntheticWeights : IWeightSource
{
    private readonly RandomWeights _random;
    private readonly Dictionary<string, long[]> _shapes;
    private uint _made;

    public SyntheticWeights(ComputeDevice device, SyntheticRecipe recipe)
    {
        Model = recipe.Describe();
        _random = new RandomWeights(device);
        _shapes = Qwen3Tensors.Of(Model.Config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        var tensors = DeciderTensors.Of(Model.Decider!).Select((tensor, index) => DeciderTensorOf(tensor.Name, tensor.Shape, index));
        Decider = new DeciderWeights(Model.Decider!, tensors.ToDictionary(tensor => tensor.Name));
    }

    public ModelDescription Model { get; }

    public DeciderWeights? Decider { get; }

    public WeightMatrix Matrix(string name) => Make((int)_shapes[name][0], (int)_shapes[name][1]);

    public float[] Vector(string name) => Ones((int)_shapes[name][0]);

    public WeightMatrix? LoraA(int layer, string projection) =>
        Make(Model.Lora!.Rank, (int)Qwen3Tensors.ProjectionShape(Model.Config, projection).Inputs);

    public WeightMatrix? LoraB(int layer, string projection) =>
        Make((int)Qwen3Tensors.ProjectionShape(Model.Config, projection).Outputs, Model.Lora!.Rank);

    public void Complete()
    {
    }

    public void Dispose()
    {
    }

    private WeightMatrix Make(int rows, int columns) => _random.Make(rows, columns, 1 / MathF.Sqrt(columns), seed: _made++);

    /// <summary>A parameter of the decider's type, as a checkpoint's are.</summary>
    private DeciderTensor DeciderTensorOf(string name, ImmutableArray<int> shape, int index)
    {
        if (shape.Length == 2)
            return new DeciderTensor(
                name, shape, [.. Uniform(shape[0] * shape[1], 1 / MathF.Sqrt(shape[1]), index).Select(Model.Decider!.Round)]);
        var isNorm = name.EndsWith("norm.weight", StringComparison.Ordinal) || name == "backbone.output_layer.0.weight";
        return new DeciderTensor(name, shape, isNorm ? Ones(shape[0]) : new float[shape[0]]);
    }

    private static float[] Ones(int length) => [.. Enumerable.Repeat(1f, length)];

    private static float[] Uniform(int length, float bound, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++) values[i] = ((2 * random.NextSingle()) - 1) * bound;
        return values;
    }
}
