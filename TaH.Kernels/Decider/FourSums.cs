using ILGPU;

namespace TaH.Kernels;

/// <summary>Four sums over a warp at once: threads part with values that others sum up, so that six exchanges do instead of twenty.</summary>
internal static class FourSums
{
    /// <summary>Which of the four a thread gets.</summary>
    public static int Place => Group.IdxX % MatVec.WarpSize / 8;

    /// <summary>Whether a thread is the one of those with the same sum that writes it down.</summary>
    public static bool Writes => Group.IdxX % 8 == 0;

    /// <summary>The sum over the warp of one of the four values: that of <see cref="Place"/>.</summary>
    public static float OverWarp(Quad values)
    {
        bool upper = (Group.IdxX & 16) != 0, odd = (Group.IdxX & 8) != 0;
        var first = (upper ? values.C : values.A) + Warp.ShuffleXor(upper ? values.A : values.C, 16);
        var second = (upper ? values.D : values.B) + Warp.ShuffleXor(upper ? values.B : values.D, 16);
        var sum = (odd ? second : first) + Warp.ShuffleXor(odd ? first : second, 8);
        sum += Warp.ShuffleXor(sum, 4);
        sum += Warp.ShuffleXor(sum, 2);
        return sum + Warp.ShuffleXor(sum, 1);
    }
}
