using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Prefix sums over a group: every thread adds up, in order, what the threads before it left in shared memory. That is more reads than a tree has,
/// but no loop holds a barrier (see <see cref="GroupReduce"/>), and the sum of floats is the one that a plain loop makes. All threads of the group
/// call them.
/// </summary>
internal static class GroupScan
{
    /// <summary>The sum over the threads before this one, and over all.</summary>
    public static (int Before, int Total) Sum(int value)
    {
        var shared = SharedMemory.Allocate<int>(GroupReduce.MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        var before = 0;
        for (var thread = 0; thread < Group.IdxX; thread++) before += shared[thread];
        var total = before;
        for (var thread = Group.IdxX; thread < Group.DimX; thread++) total += shared[thread];
        Group.Barrier(); // the next scan may reuse the memory only after everyone has read
        return (before, total);
    }

    /// <summary>The sum over the threads before this one.</summary>
    public static float Before(float value)
    {
        var shared = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        var before = 0f;
        for (var thread = 0; thread < Group.IdxX; thread++) before += shared[thread];
        Group.Barrier();
        return before;
    }
}
