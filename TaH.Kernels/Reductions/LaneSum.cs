using ILGPU;

namespace TaH.Kernels;

/// <summary>As <see cref="GroupReduce"/>, for groups whose threads share several rows: the sum over the threads of a row.</summary>
internal static class LaneSum
{
    /// <summary>The sum of the values of a row's threads, on each of them; all threads of the group call it, once in a kernel.</summary>
    /// <param name="value">The thread's own.</param>
    /// <param name="lanes">Threads of a row, neighbours; a power of two.</param>
    public static float Of(float value, int lanes)
    {
        var shared = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        // Level by level, not as a loop: see GroupReduce.
        Fold(shared, lanes, 128);
        Fold(shared, lanes, 64);
        Fold(shared, lanes, 32);
        Fold(shared, lanes, 16);
        Fold(shared, lanes, 8);
        Fold(shared, lanes, 4);
        Fold(shared, lanes, 2);
        Fold(shared, lanes, 1);
        return shared[Group.IdxX / lanes * lanes];
    }

    private static void Fold(ArrayView<float> shared, int lanes, int half)
    {
        if (Group.IdxX % lanes < half && half < lanes) shared[Group.IdxX] += shared[Group.IdxX + half];
        Group.Barrier();
    }
}
