namespace TaH.Engine;

/// <summary>Keys and values of one layer, of all depths behind each other, and their gradients.</summary>
internal sealed class LayerEntries(ComputeDevice device, int width) : IDisposable
{
    private readonly Scratch _keys = new(device);
    private readonly Scratch _values = new(device);

    /// <summary>[entries, kvHeads, headDim]. Growing loses what is there, so the first call of a micro-batch asks for the most.</summary>
    public Floats Keys(int entries) => _keys.Reserve((long)entries * width);

    /// <summary>[entries, kvHeads, headDim]; see <see cref="Keys"/>.</summary>
    public Floats Values(int entries) => _values.Reserve((long)entries * width);

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
