using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// The innermost loop of products of many rows: six rows against two vectors of columns, twelve sums in registers. A column has a lane of its own, so
/// that no sum is taken across lanes, and the multipliers never wait for one another.
/// </summary>
internal static unsafe class TileProduct<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Rows of a tile: 12 sums, 2 of the panel and 1 of x fit the 16 registers of AVX2 and SSE.</summary>
    public const int Rows = 6;

    /// <summary>Columns of a tile.</summary>
    public static int Columns => 2 * TLanes.Count;

    /// <summary>sums[r, j] = sum over i of x[r, i] * panel[i, j], or added to what is there.</summary>
    /// <param name="x">[6, depth].</param>
    /// <param name="xStride">From one row of x to the next.</param>
    /// <param name="rows">Rows of x that there are, at least 1; for others the last is taken again.</param>
    /// <param name="panel">[depth, columns].</param>
    /// <param name="panelStride">From one line of the panel to the next.</param>
    /// <param name="depth">Products of a sum.</param>
    /// <param name="sums">[6, columns].</param>
    /// <param name="sumsStride">From one row of sums to the next.</param>
    /// <param name="accumulate">Whether the products are added to the sums that are there.</param>
    /// <remarks>It calls nothing: where a method calls another, vectors that outlive the call are kept in memory all along.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        float* x, long xStride, int rows, float* panel, int panelStride, int depth, float* sums, int sumsStride, bool accumulate)
    {
        var last = rows - 1;
        float* x0 = x, x1 = x + (Math.Min(1, last) * xStride), x2 = x + (Math.Min(2, last) * xStride);
        float* x3 = x + (Math.Min(3, last) * xStride), x4 = x + (Math.Min(4, last) * xStride), x5 = x + (Math.Min(5, last) * xStride);
        float* s1 = sums + sumsStride, s2 = s1 + sumsStride, s3 = s2 + sumsStride, s4 = s3 + sumsStride, s5 = s4 + sumsStride;
        TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, b0 = TLanes.Zero, b1 = TLanes.Zero, c0 = TLanes.Zero, c1 = TLanes.Zero;
        TLanes d0 = TLanes.Zero, d1 = TLanes.Zero, e0 = TLanes.Zero, e1 = TLanes.Zero, f0 = TLanes.Zero, f1 = TLanes.Zero;
        if (accumulate)
        {
            (a0, a1, b0, b1) = (TLanes.Load(sums), TLanes.Load(sums + TLanes.Count), TLanes.Load(s1), TLanes.Load(s1 + TLanes.Count));
            (c0, c1, d0, d1) = (TLanes.Load(s2), TLanes.Load(s2 + TLanes.Count), TLanes.Load(s3), TLanes.Load(s3 + TLanes.Count));
            (e0, e1, f0, f1) = (TLanes.Load(s4), TLanes.Load(s4 + TLanes.Count), TLanes.Load(s5), TLanes.Load(s5 + TLanes.Count));
        }
        for (var i = 0; i < depth; i++, panel += panelStride)
        {
            TLanes w0 = TLanes.Load(panel), w1 = TLanes.Load(panel + TLanes.Count);
            var v = TLanes.Create(x0[i]);
            a0 = TLanes.MultiplyAdd(v, w0, a0);
            a1 = TLanes.MultiplyAdd(v, w1, a1);
            v = TLanes.Create(x1[i]);
            b0 = TLanes.MultiplyAdd(v, w0, b0);
            b1 = TLanes.MultiplyAdd(v, w1, b1);
            v = TLanes.Create(x2[i]);
            c0 = TLanes.MultiplyAdd(v, w0, c0);
            c1 = TLanes.MultiplyAdd(v, w1, c1);
            v = TLanes.Create(x3[i]);
            d0 = TLanes.MultiplyAdd(v, w0, d0);
            d1 = TLanes.MultiplyAdd(v, w1, d1);
            v = TLanes.Create(x4[i]);
            e0 = TLanes.MultiplyAdd(v, w0, e0);
            e1 = TLanes.MultiplyAdd(v, w1, e1);
            v = TLanes.Create(x5[i]);
            f0 = TLanes.MultiplyAdd(v, w0, f0);
            f1 = TLanes.MultiplyAdd(v, w1, f1);
        }
        Store(a0, a1, sums);
        Store(b0, b1, s1);
        Store(c0, c1, s2);
        Store(d0, d1, s3);
        Store(e0, e1, s4);
        Store(f0, f1, s5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TLanes low, TLanes high, float* sums)
    {
        TLanes.Store(low, sums);
        TLanes.Store(high, sums + TLanes.Count);
    }
}
