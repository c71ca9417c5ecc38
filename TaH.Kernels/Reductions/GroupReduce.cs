using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Reductions over a group through shared memory: no warp shuffles, which ILGPU has on OpenCL for one vendor only; right at group size 1. All threads
/// of the group call a reduction, every thread gets the result, and the group's size is a power of two.
/// </summary>
/// <remarks>
/// The tree is written level by level, not as a loop: PoCL duplicates what follows a loop that holds a barrier, so that the time to compile a kernel
/// with a dozen reductions would grow without bound.
/// </remarks>
internal static class GroupReduce
{
    /// <summary>The largest group that portable kernels are launched with.</summary>
    public const int MaxGroupSize = 256;

    /// <summary>The sum of every thread's value.</summary>
    public static float Sum(float value) => Reduce<float, SumOfFloats>(value);

    /// <summary>The sums of every thread's two values, for the barriers of one.</summary>
    public static (float First, float Second) Sum(float first, float second)
    {
        var sums = Reduce<FloatPair, SumOfPairs>(new FloatPair(first, second));
        return (sums.First, sums.Second);
    }

    /// <summary>The sum of every thread's count.</summary>
    public static int Sum(int value) => Reduce<int, SumOfInts>(value);

    /// <summary>The largest of every thread's value.</summary>
    public static float Max(float value) => Reduce<float, MaxOfFloats>(value);

    /// <summary>The largest of every thread's key.</summary>
    public static uint Max(uint value) => Reduce<uint, MaxOfKeys>(value);

    /// <summary>The smallest of every thread's number.</summary>
    public static int Min(int value) => Reduce<int, MinOfInts>(value);

    private static T Reduce<T, TCombine>(T value)
        where T : unmanaged
        where TCombine : struct, ICombine<T>
    {
        var shared = SharedMemory.Allocate<T>(MaxGroupSize);
        // In a loop the memory is the last turn's, whose result somebody may not have read yet. A barrier behind that read would not do: ILGPU 1.5.3
        // moves reads of shared memory towards their use, past barriers, but not past the end of a turn.
        Group.Barrier();
        shared[Group.IdxX] = value;
        Group.Barrier();
        Fold<T, TCombine>(shared, 128);
        Fold<T, TCombine>(shared, 64);
        Fold<T, TCombine>(shared, 32);
        Fold<T, TCombine>(shared, 16);
        Fold<T, TCombine>(shared, 8);
        Fold<T, TCombine>(shared, 4);
        Fold<T, TCombine>(shared, 2);
        Fold<T, TCombine>(shared, 1);
        return shared[0];
    }

    private static void Fold<T, TCombine>(ArrayView<T> shared, int half)
        where T : unmanaged
        where TCombine : struct, ICombine<T>
    {
        if (Group.IdxX < half && half < Group.DimX) shared[Group.IdxX] = default(TCombine).Of(shared[Group.IdxX], shared[Group.IdxX + half]);
        Group.Barrier();
    }

    private interface ICombine<T> where T : unmanaged
    {
        T Of(T left, T right);
    }

    private readonly struct SumOfFloats : ICombine<float>
    {
        public float Of(float left, float right) => left + right;
    }

    private readonly record struct FloatPair(float First, float Second);

    private readonly struct SumOfPairs : ICombine<FloatPair>
    {
        public FloatPair Of(FloatPair left, FloatPair right) => new(left.First + right.First, left.Second + right.Second);
    }

    private readonly struct SumOfInts : ICombine<int>
    {
        public int Of(int left, int right) => left + right;
    }

    private readonly struct MaxOfFloats : ICombine<float>
    {
        public float Of(float left, float right) => XMath.Max(left, right);
    }

    private readonly struct MaxOfKeys : ICombine<uint>
    {
        public uint Of(uint left, uint right) => XMath.Max(left, right);
    }

    private readonly struct MinOfInts : ICombine<int>
    {
        public int Of(int left, int right) => XMath.Min(left, right);
    }
}
