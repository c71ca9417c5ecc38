using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread a parameter.</summary>
internal static class AdamWPortable
{
    public static void Kernel(
        Floats weights, Floats gradients, Floats firstMoments, Floats secondMoments, Halves bf16Copy, Floats gradientScale, AdamWFactors factors,
        long length, int copies)
    {
        var i = Elements.Index;
        if (i >= length) return;
        var gradient = gradients[i] * gradientScale[0];
        var first = firstMoments[i];
        first += (gradient - first) * factors.Rest1; // as torch.lerp, which keeps a moment that equals the gradient
        var second = (secondMoments[i] * factors.Beta2) + (gradient * gradient * factors.Rest2);
        var weight = (weights[i] * factors.Decay) - (factors.Rate * (first / ((XMath.Sqrt(second) / factors.RootCorrection) + factors.Epsilon)));
        firstMoments[i] = first;
        secondMoments[i] = second;
        weights[i] = weight;
        if (copies != 0) bf16Copy[i] = default(Bfloat16Format).Narrow(weight);
    }
}
