using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element.</summary>
internal static class GeluPortable
{
    public static void Kernel(Floats x, Floats y, long length)
    {
        var i = Elements.Index;
        if (i < length) y[i] = Of(x[i]);
    }

    /// <summary>The function for one element.</summary>
    public static float Of(float x)
    {
        var near = XMath.Min(XMath.Max(x, -NormalTail.Far), NormalTail.Far);
        // x times the probability of the tail beyond |x|
        var tail = near * 0.5f * TailOverExponential(near) * XMath.Exp(-0.5f * near * near);
        return x < 0f ? tail : x - tail;
    }

    /// <summary>Twice the probability beyond |x|, without its factor exp(-x^2 / 2); x is within <see cref="NormalTail.Far"/>.</summary>
    public static float TailOverExponential(float near)
    {
        var z = XMath.Abs(near) * NormalTail.RootHalf;
        var d = 1f / (z + NormalTail.Centre);
        var s = (z - NormalTail.Centre) * d;
        var p = NormalTail.C10;
        p = (p * s) + NormalTail.C9;
        p = (p * s) + NormalTail.C8;
        p = (p * s) + NormalTail.C7;
        p = (p * s) + NormalTail.C6;
        p = (p * s) + NormalTail.C5;
        p = (p * s) + NormalTail.C4;
        p = (p * s) + NormalTail.C3;
        p = (p * s) + NormalTail.C2;
        p = (p * s) + NormalTail.C1;
        p = (p * s) + NormalTail.C0;
        return p * d;
    }
}
