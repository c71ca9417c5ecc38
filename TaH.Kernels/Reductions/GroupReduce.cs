using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Reductions over a group through shared memory: no warp shuffles, which ILGPU has on OpenCL for one vendor only; right at group size 1.</summary>
internal static class GroupReduce
{
    /// <summary>The largest group that portable kernels are launched with.</summary>
    public const int MaxGroupSize = 256;

    /// <summary>The sum of every thread's value, on every thread. All threads of the group call it; its size is a power of two.</summary>
    public static float Sum(float value)
    {
        var shared = SharedMemory.Allocate<float>(MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (var half = Group.DimX >> 1; half > 0; half >>= 1)
        {
            if (Group.IdxX < half) shared[Group.IdxX] += shared[Group.IdxX + half];
            Group.Barrier();
        }
        var sum = shared[0];
        Group.Barrier(); // the next reduction may reuse the memory only after everyone has read
        return sum;
    }

    /// <summary>The largest of every thread's value, on every thread. All threads of the group call it.</summary>
    public static float Max(float value)
    {
        var shared = SharedMemory.Allocate<float>(MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (var half = Group.DimX >> 1; half > 0; half >>= 1)
        {
            if (Group.IdxX < half) shared[Group.IdxX] = XMath.Max(shared[Group.IdxX], shared[Group.IdxX + half]);
            Group.Barrier();
        }
        var max = shared[0];
        Group.Barrier();
        return max;
    }

    /// <summary>The sum of every thread's count, on every thread. All threads of the group call it.</summary>
    public static int Sum(int value)
    {
        var shared = SharedMemory.Allocate<int>(MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (var half = Group.DimX >> 1; half > 0; half >>= 1)
        {
            if (Group.IdxX < half) shared[Group.IdxX] += shared[Group.IdxX + half];
            Group.Barrier();
        }
        var sum = shared[0];
        Group.Barrier();
        return sum;
    }
}
