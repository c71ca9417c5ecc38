using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element.</summary>
internal static class GeluBackwardPortable
{
    private const float InverseRootTwoPi = 0.398942280f;

    public static void Kernel(Floats x, Floats dy, Floats dx, long length)
    {
        var i = Elements.Index;
        if (i < length) dx[i] = dy[i] * Slope(x[i]);
    }

    /// <summary>The slope of the function at one place: the probability up to there, and the density times the place.</summary>
    public static float Slope(float x)
    {
        var near = XMath.Min(XMath.Max(x, -NormalTail.Far), NormalTail.Far);
        var exponential = XMath.Exp(-0.5f * near * near);
        var tail = 0.5f * GeluPortable.TailOverExponential(near) * exponential;
        return (x < 0f ? tail : 1f - tail) + (near * exponential * InverseRootTwoPi);
    }
}
