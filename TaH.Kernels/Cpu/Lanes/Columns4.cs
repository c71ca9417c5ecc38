using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>Four lines of stored elements, widened and laid side by side as columns: how panels are filled.</summary>
internal static unsafe class Columns4
{
    /// <summary>target[i, 0..3] = a[i], b[i], c[i], d[i].</summary>
    /// <param name="a">[length].</param>
    /// <param name="b">[length].</param>
    /// <param name="c">[length].</param>
    /// <param name="d">[length].</param>
    /// <param name="length">Elements of each line.</param>
    /// <param name="target">Where the first four go.</param>
    /// <param name="stride">From one four to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<TStored, TFormat>(TStored* a, TStored* b, TStored* c, TStored* d, int length, float* target, int stride)
        where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var i = 0;
        for (; i <= length - Lanes128.Count; i += Lanes128.Count, target += 4 * stride)
        {
            var columns = Lanes128.Transpose(
                TFormat.Load<Lanes128>(a + i), TFormat.Load<Lanes128>(b + i), TFormat.Load<Lanes128>(c + i), TFormat.Load<Lanes128>(d + i));
            Lanes128.Store(columns.C0, target);
            Lanes128.Store(columns.C1, target + stride);
            Lanes128.Store(columns.C2, target + (2 * stride));
            Lanes128.Store(columns.C3, target + (3 * stride));
        }
        for (; i < length; i++, target += stride)
            (target[0], target[1], target[2], target[3]) = (TFormat.Widen(a[i]), TFormat.Widen(b[i]), TFormat.Widen(c[i]), TFormat.Widen(d[i]));
    }
}
