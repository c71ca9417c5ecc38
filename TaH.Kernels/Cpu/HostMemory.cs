using System.Runtime.InteropServices;

namespace TaH.Kernels;

/// <summary>Memory outside the garbage collector's heap, aligned to a cache line so that no vector straddles two.</summary>
internal sealed unsafe class HostMemory(long bytes) : IDisposable
{
    private const int CacheLine = 64;

    private void* _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes), CacheLine);

    /// <summary>Where it begins.</summary>
    public IntPtr Address => (IntPtr)_memory;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
