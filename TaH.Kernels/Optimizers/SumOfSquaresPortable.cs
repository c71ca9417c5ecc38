using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a group adds up a share, a few values a thread, in four sums that do not wait for each other, then as a tree; launch by launch
/// until one number is left. With so few values to a sum no rounding grows with the length.
/// </summary>
internal static class SumOfSquaresPortable
{
    /// <summary>Values of a thread; a multiple of 4.</summary>
    public const int ValuesOfThread = 32;

    /// <summary>results[group] = the sum of squares of the group's share.</summary>
    public static void Squares(Floats values, Floats results, long length) => Fold<Square>(values, results, length);

    /// <summary>results[group] = the sum of the group's share.</summary>
    public static void Sums(Floats values, Floats results, long length) => Fold<Itself>(values, results, length);

    private static void Fold<TTerm>(Floats values, Floats results, long length) where TTerm : struct, ITerm
    {
        var start = (long)Grid.IdxX * Group.DimX * ValuesOfThread;
        var end = XMath.Min(length, start + ((long)Group.DimX * ValuesOfThread));
        float a = 0f, b = 0f, c = 0f, d = 0f;
        var i = start + Group.IdxX;
        for (; i + (3L * Group.DimX) < end; i += 4L * Group.DimX)
        {
            a += default(TTerm).Of(values[i]);
            b += default(TTerm).Of(values[i + Group.DimX]);
            c += default(TTerm).Of(values[i + (2L * Group.DimX)]);
            d += default(TTerm).Of(values[i + (3L * Group.DimX)]);
        }
        for (; i < end; i += Group.DimX) a += default(TTerm).Of(values[i]);
        var sum = GroupReduce.Sum((a + b) + (c + d));
        if (Group.IdxX == 0) results[Grid.IdxX] = sum;
    }

    private interface ITerm
    {
        float Of(float value);
    }

    private readonly struct Square : ITerm
    {
        public float Of(float value) => value * value;
    }

    private readonly struct Itself : ITerm
    {
        public float Of(float value) => value;
    }
}
