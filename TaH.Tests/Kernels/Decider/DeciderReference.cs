namespace TaH.Tests;

/// <summary>One row of the decider in double precision, plain loops.</summary>
internal static class DeciderReference
{
    public static double Run(GoldenDeciderWeights weights, double[] hidden, double[] topValues, bool normalizeInput)
    {
        if (normalizeInput)
        {
            hidden = Norm(weights, "layer_norm_hidden_states", hidden);
            var sum = topValues.Sum(value => Math.Exp(value - topValues[0]));
            topValues = [.. topValues.Select(value => Math.Exp(value - topValues[0]) / sum)];
        }
        double[] combined = [.. hidden, .. Linear(weights, "logits_projection", topValues)];
        var x = Linear(weights, "backbone.input_projection", Linear(weights, "combined_projection", combined));
        for (var i = 0; weights.Has($"backbone.blocks.{i}.layer_norm.weight"); i++)
        {
            var block = $"backbone.blocks.{i}";
            var shortcut = weights.Has($"{block}.dim_change.weight") ? Linear(weights, $"{block}.dim_change", x) : x;
            var expanded = Linear(weights, $"{block}.mlp.0", Norm(weights, $"{block}.layer_norm", x)).Select(GeluReference.Run).ToArray();
            x = [.. shortcut.Zip(Linear(weights, $"{block}.mlp.3", expanded), (a, b) => a + b)];
        }
        return Linear(weights, "backbone.output_layer.1", Norm(weights, "backbone.output_layer.0", x))[0];
    }

    private static double[] Linear(GoldenDeciderWeights weights, string name, double[] x)
    {
        float[] weight = weights[$"{name}.weight"], bias = weights[$"{name}.bias"];
        return [.. bias.Select((b, output) => b + x.Select((value, i) => value * weight[(output * x.Length) + i]).Sum())];
    }

    private static double[] Norm(GoldenDeciderWeights weights, string name, double[] x) =>
        LayerNormReference.Run(x, weights[$"{name}.weight"], weights[$"{name}.bias"], new LayerNormShape(Rows: 1, x.Length, Epsilon: 1e-5f));
}
