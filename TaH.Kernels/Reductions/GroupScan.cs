using ILGPU;

namespace TaH.Kernels;

/// <summary>Prefix sums over a group through shared memory; right at group size 1.</summary>
internal static class GroupScan
{
    /// <summary>The sum over the threads before this one, and over all. All threads of the group call it.</summary>
    public static (int Before, int Total) Sum(int value)
    {
        var shared = SharedMemory.Allocate<int>(GroupReduce.MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (var distance = 1; distance < Group.DimX; distance <<= 1)
        {
            var left = Group.IdxX >= distance ? shared[Group.IdxX - distance] : 0;
            Group.Barrier();
            shared[Group.IdxX] += left;
            Group.Barrier();
        }
        var result = (shared[Group.IdxX] - value, shared[Group.DimX - 1]);
        Group.Barrier(); // the next scan may reuse the memory only after everyone has read
        return result;
    }
}
