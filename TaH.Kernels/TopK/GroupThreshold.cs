using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Thresholds on a row of logits that one group finds together. Every thread of the group calls each method and gets the same answer.
/// </summary>
internal static class GroupThreshold
{
    /// <summary>Elements that fit in shared memory, and so the largest k for which <see cref="AtMostKthLargest"/> finds anything.</summary>
    public const int MaxCandidates = 1024;

    /// <summary>
    /// The key of the k-th largest element, built from its highest bit down: 32 passes. 0, which every element reaches, if there are fewer than k.
    /// </summary>
    public static uint KthLargest(Floats values, long start, int length, int k)
    {
        var key = 0u;
        for (var bit = 0x80000000u; bit != 0u; bit >>= 1)
        {
            var count = 0;
            for (var i = Group.IdxX; i < length; i += Group.DimX) count += OrderedBits.Of(values[start + i]) >= (key | bit) ? 1 : 0;
            if (GroupReduce.Sum(count) >= k) key |= bit;
        }
        return key;
    }

    /// <summary>
    /// A key that at least k elements reach, and usually few more, in one pass: the k-th largest among the largest of up to
    /// <see cref="MaxCandidates"/> interleaved chunks of the row. 0, which every element reaches, if there are fewer than k chunks.
    /// </summary>
    /// <param name="values">Holds the row.</param>
    /// <param name="start">Where the row starts.</param>
    /// <param name="length">Elements of the row.</param>
    /// <param name="k">How many have to reach it.</param>
    /// <param name="largest">Shared memory, <see cref="MaxCandidates"/> elements.</param>
    public static uint AtMostKthLargest(Floats values, long start, int length, int k, ArrayView<uint> largest)
    {
        var chunks = XMath.Min(length, MaxCandidates);
        for (var chunk = Group.IdxX; chunk < chunks; chunk += Group.DimX)
        {
            var best = 0u;
            for (var i = chunk; i < length; i += chunks) best = XMath.Max(best, OrderedBits.Of(values[start + i]));
            largest[chunk] = best;
        }
        Group.Barrier();
        var key = 0u;
        for (var bit = 0x80000000u; bit != 0u; bit >>= 1)
        {
            var count = 0;
            for (var chunk = Group.IdxX; chunk < chunks; chunk += Group.DimX) count += largest[chunk] >= (key | bit) ? 1 : 0;
            if (GroupReduce.Sum(count) >= k) key |= bit;
        }
        return key;
    }
}
