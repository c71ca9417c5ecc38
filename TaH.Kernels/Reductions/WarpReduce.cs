using ILGPU;

namespace TaH.Kernels;

/// <summary>Reductions over a warp of 32 threads, for kernels that are written for CUDA. All of them call, every one gets the result.</summary>
internal static class WarpReduce
{
    /// <summary>The sum of every thread's value.</summary>
    public static float Sum(float value)
    {
        value += Warp.ShuffleXor(value, 16);
        value += Warp.ShuffleXor(value, 8);
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }

    /// <summary>The sum of every thread's count.</summary>
    public static int Sum(int value)
    {
        value += Warp.ShuffleXor(value, 16);
        value += Warp.ShuffleXor(value, 8);
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }
}
