using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a group a block. Moments are computed twice, for the scales and then for the weights, so that none has to be kept in between.
/// </summary>
internal static class AdamW8BitPortable
{
    // Below, a quotient by the scale would leave the range of floats; so small a moment moves no weight.
    private const float LeastMoment = 1e-35f;

    public static void Kernel(
        Floats weights, Floats gradients, QuantizedMoments firstMoments, QuantizedMoments secondMoments, Halves bf16Copy, Floats gradientScale,
        AdamW8BitStep step)
    {
        var block = (long)Grid.IdxX;
        var start = block * QuantizedMoments.Block;
        var end = XMath.Min(step.Length, start + QuantizedMoments.Block);
        var factors = step.Factors;
        float firstScale = firstMoments.Scales[block], secondScale = secondMoments.Scales[block], clip = gradientScale[0];
        float mostFirst = 0f, mostSecond = 0f;
        for (var i = start + Group.IdxX; i < end; i += Group.DimX)
        {
            var gradient = gradients[i] * clip;
            mostFirst = XMath.Max(mostFirst, XMath.Abs(First(firstMoments.Codes[i], firstScale, gradient, factors)));
            mostSecond = XMath.Max(mostSecond, Second(secondMoments.Codes[i], secondScale, gradient, factors));
        }
        var newFirstScale = ScaleOf(GroupReduce.Max(mostFirst));
        var newSecondScale = ScaleOf(GroupReduce.Max(mostSecond));
        for (var i = start + Group.IdxX; i < end; i += Group.DimX)
        {
            var gradient = gradients[i] * clip;
            var first = First(firstMoments.Codes[i], firstScale, gradient, factors);
            var second = Second(secondMoments.Codes[i], secondScale, gradient, factors);
            var weight = (weights[i] * factors.Decay) - (factors.Rate * (first / ((XMath.Sqrt(second) / factors.RootCorrection) + factors.Epsilon)));
            var random = step.Bits.Of(i);
            firstMoments.Codes[i] = newFirstScale > 0f ? LittleFloats.EncodeSigned(first / newFirstScale, random & 0xFFFF) : (byte)0;
            secondMoments.Codes[i] = newSecondScale > 0f ? LittleFloats.EncodeUnsigned(second / newSecondScale, random >> 16) : (byte)0;
            weights[i] = weight;
            if (step.Copies != 0) bf16Copy[i] = default(Bfloat16Format).Narrow(weight);
        }
        if (Group.IdxX != 0) return;
        firstMoments.Scales[block] = newFirstScale;
        secondMoments.Scales[block] = newSecondScale;
    }

    /// <summary>The scale of a block by its largest moment.</summary>
    public static float ScaleOf(float most) => most > LeastMoment ? most / LittleFloats.Largest : 0f;

    private static float First(byte code, float scale, float gradient, AdamWFactors factors)
    {
        var first = LittleFloats.DecodeSigned(code) * scale;
        return first + ((gradient - first) * factors.Rest1);
    }

    private static float Second(byte code, float scale, float gradient, AdamWFactors factors) =>
        (LittleFloats.DecodeUnsigned(code) * scale * factors.Beta2) + (gradient * gradient * factors.Rest2);
}
