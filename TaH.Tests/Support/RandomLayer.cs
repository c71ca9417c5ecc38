namespace TaH.Tests;

/// <summary>A layer of random weights, with LoRA on every projection.</summary>
internal sealed class RandomLayer : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly List<IDisposable> _owned = [];
    private readonly int _rank;
    private readonly ElementType _type;
    private int _seed = 100;

    public RandomLayer(ComputeDevice device, ModelShape shape, ElementType type = ElementType.Bf16)
    {
        (_device, _rank, _type) = (device, shape.LoraRank, type);
        int hidden = shape.Hidden, query = shape.Heads * shape.HeadDim, key = shape.KvHeads * shape.HeadDim;
        Weights = new LayerWeights(
            Norm(hidden), Project(query, hidden), Project(key, hidden), Project(key, hidden), Norm(shape.HeadDim), Norm(shape.HeadDim),
            Project(hidden, query), Norm(hidden), Project(shape.Ffn, hidden), Project(shape.Ffn, hidden), Project(hidden, shape.Ffn));
    }

    public LayerWeights Weights { get; }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private FloatBuffer Norm(int length)
    {
        var buffer = _device.Copy(RandomData.Uniform(_seed++, length));
        _owned.Add(buffer);
        return buffer;
    }

    private Projection Project(int outputs, int inputs) =>
        new(Matrix(outputs, inputs), new LoraPair(Matrix(_rank, inputs), Matrix(outputs, _rank), Scale: 2));

    private WeightMatrix Matrix(int rows, int columns)
    {
        var stored = _device.Store(_type, rows, columns, RandomData.Uniform(_seed++, rows * columns));
        _owned.Add(stored);
        return stored.Matrix;
    }
}
