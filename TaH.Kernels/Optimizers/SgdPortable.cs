namespace TaH.Kernels;

/// <summary>Every accelerator: one thread a parameter.</summary>
internal static class SgdPortable
{
    public static void Kernel(Floats weights, Floats gradients, Floats moments, Floats gradientScale, SgdStep step, long length)
    {
        var i = Elements.Index;
        if (i >= length) return;
        var weight = weights[i];
        var gradient = (gradients[i] * gradientScale[0]) + (step.WeightDecay * weight);
        if (step.Momentum != 0f)
        {
            gradient += step.Momentum * moments[i];
            moments[i] = gradient;
        }
        weights[i] = weight - (step.LearningRate * gradient);
    }
}
