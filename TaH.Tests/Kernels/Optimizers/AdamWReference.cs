namespace TaH.Tests;

/// <summary>The single-tensor code of torch.optim.AdamW, in double.</summary>
internal static class AdamWReference
{
    public static void Step(double[] weights, float[] gradients, double[] first, double[] second, float scale, AdamWStep step)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var gradient = (double)gradients[i] * scale;
            weights[i] *= 1 - (step.LearningRate * step.WeightDecay);
            first[i] = (step.Beta1 * first[i]) + ((1 - step.Beta1) * gradient);
            second[i] = (step.Beta2 * second[i]) + ((1 - step.Beta2) * gradient * gradient);
            var root = Math.Sqrt(second[i]) / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step));
            weights[i] -= step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)) * first[i] / (root + step.Epsilon);
        }
    }
}
