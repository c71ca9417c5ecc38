using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The numbers 0, 1, 2, ... on a device, for kernels that find their rows through a table and are to take them as they come.</summary>
/// <param name="device">Where they lie.</param>
internal sealed class IdentityRows(ComputeDevice device) : IDisposable
{
    private IntBuffer? _numbers;

    /// <summary>At least so many numbers.</summary>
    public Ints Of(int count)
    {
        if (_numbers is null || _numbers.Length < count)
        {
            device.ReplaceMemory(); // a launched kernel may still read the old ones
            _numbers?.Dispose();
            _numbers = device.AllocateInts(count);
            _numbers.View.BaseView.CopyFromCPU(device.Accelerator.DefaultStream, Enumerable.Range(0, (int)_numbers.Length).ToArray());
            device.Synchronize();
        }
        return _numbers.View.BaseView;
    }

    /// <inheritdoc/>
    public void Dispose() => _numbers?.Dispose();
}
