namespace TaH.Kernels;

/// <summary>The time from here to its disposal belongs to one launch; where nobody profiles, it does nothing.</summary>
public readonly struct KernelScope : IDisposable
{
    private readonly KernelProfiler? _profiler;

    internal KernelScope(KernelProfiler profiler) => _profiler = profiler;

    /// <inheritdoc/>
    public void Dispose() => _profiler?.End();
}
