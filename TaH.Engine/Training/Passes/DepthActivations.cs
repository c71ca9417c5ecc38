namespace TaH.Engine;

/// <summary>What the layers keep of the pass of one depth: each for itself, or one after the other in the same room.</summary>
/// <param name="products">What reads operands.</param>
/// <param name="shape">The model's sizes.</param>
/// <param name="sharesSources">Whether the f32 form of operands goes to one place for all layers.</param>
internal sealed class DepthActivations(TrainingProducts products, ModelShape shape, bool sharesSources) : IDisposable
{
    private readonly List<LayerActivations> _layers = [];
    private readonly List<FloatBuffer> _inputs = [];
    private readonly List<FloatBuffer> _sources = [];
    private SharedSources? _shared;
    private int _capacity;

    /// <summary>Makes room. What was kept before may be lost.</summary>
    /// <param name="rows">Rows of the pass.</param>
    /// <param name="eachLayer">Whether every layer keeps for itself.</param>
    public void Reserve(int rows, bool eachLayer)
    {
        if (rows > _capacity)
        {
            products.Device.Synchronize(); // launched kernels may still read the old room
            Dispose();
            _capacity = rows;
            if (sharesSources) _shared = new SharedSources(Source(shape.Hidden), Source(shape.Hidden), Source(shape.Ffn));
        }
        var count = eachLayer ? shape.Layers : 1;
        while (_layers.Count < count) _layers.Add(new LayerActivations(products, shape, _capacity, _shared));
    }

    /// <summary>What a layer keeps; the same room for all of them if not each keeps for itself.</summary>
    public LayerActivations Layer(int index) => _layers[Math.Min(index, _layers.Count - 1)];

    /// <summary>[rows, hidden]: room for a layer's input where it keeps nothing else.</summary>
    public Floats Input(int index)
    {
        while (_inputs.Count <= index) _inputs.Add(products.Device.AllocateFloats((long)_capacity * shape.Hidden));
        return _inputs[index].View.BaseView;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var buffer in _inputs.Concat(_sources)) buffer.Dispose();
        _layers.Clear();
        _inputs.Clear();
        _sources.Clear();
    }

    private Floats Source(int width)
    {
        _sources.Add(products.Device.AllocateFloats((long)_capacity * width));
        return _sources[^1].View.BaseView;
    }
}
