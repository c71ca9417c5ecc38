namespace TaH.Kernels;

/// <summary>Device memory that an operation keeps for what one launch leaves to the next; it grows with the largest call so far.</summary>
/// <param name="device">Where it lies.</param>
public sealed class Scratch(ComputeDevice device) : IDisposable
{
    private FloatBuffer? _buffer;

    /// <summary>Room for so many floats, their values undefined. Allocates and waits when it has to grow.</summary>
    public Floats Reserve(long length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            device.ReplaceMemory(); // a launched kernel may still use the old one
            _buffer?.Dispose();
            _buffer = device.AllocateFloats(length);
        }
        return _buffer.View.BaseView.SubView(0, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();
}
