namespace TaH.Kernels;

/// <summary>Work over a range of indices, written as a struct so that handing it out allocates nothing.</summary>
public interface ICpuJob
{
    /// <summary>
    /// Does the indices from <paramref name="start"/> (inclusive) to <paramref name="end"/> (exclusive); called from several threads at once.
    /// </summary>
    void Run(int start, int end);
}
