namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class SoftEmbeddingReference
{
    public static (double[] Probabilities, double[] X) Run(double[] embedding, double[] values, int[] tokens, SoftEmbeddingShape shape)
    {
        var probabilities = new double[values.Length];
        var x = new double[shape.Rows * shape.Hidden];
        for (var at = 0; at < values.Length; at++)
        {
            var row = at / shape.K;
            var all = values[(row * shape.K)..((row + 1) * shape.K)];
            probabilities[at] = Math.Exp(values[at] - all.Max()) / all.Sum(value => Math.Exp(value - all.Max()));
            for (var i = 0; i < shape.Hidden; i++) x[(row * shape.Hidden) + i] += probabilities[at] * embedding[(tokens[at] * shape.Hidden) + i];
        }
        return (probabilities, x);
    }

    public static double[] Expand(double[] probabilities, int[] tokens, SoftEmbeddingShape shape)
    {
        var dense = new double[shape.Rows * shape.Vocab];
        for (var at = 0; at < probabilities.Length; at++) dense[(at / shape.K * shape.Vocab) + tokens[at]] = probabilities[at];
        return dense;
    }

    /// <summary>The gradient by all logits of a row.</summary>
    public static double[] Backward(double[] embedding, double[] dx, double[] probabilities, int[] tokens, SoftEmbeddingShape shape)
    {
        var gradient = new double[shape.Rows * shape.Vocab];
        for (var row = 0; row < shape.Rows; row++)
        {
            var dots = new double[shape.K];
            for (var j = 0; j < shape.K; j++)
            for (var i = 0; i < shape.Hidden; i++)
                dots[j] += dx[(row * shape.Hidden) + i] * embedding[(tokens[(row * shape.K) + j] * shape.Hidden) + i];
            var weights = probabilities[(row * shape.K)..((row + 1) * shape.K)];
            var mean = FiniteDifferences.Dot(weights, dots);
            for (var j = 0; j < shape.K; j++) gradient[(row * shape.Vocab) + tokens[(row * shape.K) + j]] = weights[j] * (dots[j] - mean);
        }
        return gradient;
    }
}
