namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class EmbedTokensBackwardReference
{
    /// <summary>The gradient of the embedding, and the sum of the sizes of what was added: what roundings are measured by.</summary>
    public static (double[] Gradient, double[] Sizes) Run(double[] dy, int[] tokens, double[] before, EmbedTokensShape shape)
    {
        var gradient = (double[])before.Clone();
        double[] sizes = [.. before.Select(Math.Abs)];
        for (var row = 0; row < shape.Rows; row++)
        for (var i = 0; i < shape.Hidden && tokens[row] >= 0; i++)
        {
            gradient[(tokens[row] * shape.Hidden) + i] += dy[(row * shape.Hidden) + i];
            sizes[(tokens[row] * shape.Hidden) + i] += Math.Abs(dy[(row * shape.Hidden) + i]);
        }
        return (gradient, sizes);
    }
}
