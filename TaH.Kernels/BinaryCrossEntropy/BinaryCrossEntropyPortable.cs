using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread a row.</summary>
internal static class BinaryCrossEntropyPortable
{
    public static void Kernel(Floats logits, Ints targets, Floats losses, Floats dLogits, BinaryCrossEntropyShape shape)
    {
        var row = Elements.Index;
        if (row < shape.Rows) (losses[row], dLogits[row]) = Of(logits[row], targets[row], shape);
    }

    /// <summary>Loss and gradient of one row.</summary>
    public static (float Loss, float Gradient) Of(float logit, int target, BinaryCrossEntropyShape shape)
    {
        if (target < 0) return (0f, 0f);
        // Both targets are one case: how far the logit is on the wrong side.
        var wrong = target == 0 ? logit : -logit;
        var weight = target == 0 ? 1f : shape.PositiveWeight;
        var small = XMath.Exp(-XMath.Abs(wrong));
        var sum = 1f + small;
        // log(1 + e) keeps the digits of a small e this way: what the sum rounds off, the quotient puts back.
        var log = sum == 1f ? small : XMath.Log(sum) * (small / (sum - 1f));
        var sigmoid = (wrong < 0f ? small : 1f) / sum;
        var gradient = weight * sigmoid * shape.Scale;
        return (weight * (XMath.Max(wrong, 0f) + log), target == 0 ? gradient : -gradient);
    }
}
