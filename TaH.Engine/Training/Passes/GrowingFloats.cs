namespace TaH.Engine;

/// <summary>Device memory that grows to the largest size that was asked for. Its contents are lost when it grows.</summary>
/// <param name="device">Where it lies.</param>
internal sealed class GrowingFloats(ComputeDevice device) : IDisposable
{
    private FloatBuffer? _buffer;

    /// <summary>At least so many elements.</summary>
    public Floats Of(long length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            device.Synchronize(); // a launched kernel may still read the old one
            _buffer?.Dispose();
            _buffer = device.AllocateFloats(length);
        }
        return _buffer.View.BaseView.SubView(0, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();
}
