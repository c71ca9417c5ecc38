using System.Numerics.Tensors;

namespace TaH.Engine;

/// <summary>What a row of logits says.</summary>
/// <param name="Prediction">The likeliest token; the lowest id among equals.</param>
/// <param name="Entropy">Of the distribution, in nats.</param>
/// <param name="Loss">-log of the next token's probability, in nats; 0 where there is none.</param>
internal readonly record struct LogitsMeasure(int Prediction, float Entropy, float Loss)
{
    /// <summary>Measures a row.</summary>
    /// <param name="logits">[vocab]; overwritten.</param>
    /// <param name="next">The token that follows; null where there is none.</param>
    public static LogitsMeasure Of(Span<float> logits, int? next)
    {
        var prediction = TensorPrimitives.IndexOfMax<float>(logits);
        TensorPrimitives.Subtract(logits, logits[prediction], logits);
        var (sum, weighted) = (0.0, 0.0);
        var expected = next is { } token ? logits[token] : 0;
        Span<float> weights = stackalloc float[1024];
        for (var start = 0; start < logits.Length; start += weights.Length)
        {
            var part = logits[start..Math.Min(logits.Length, start + weights.Length)];
            var weight = weights[..part.Length];
            TensorPrimitives.Exp(part, weight);
            sum += TensorPrimitives.Sum<float>(weight);
            weighted += TensorPrimitives.Dot<float>(weight, part);
        }
        var log = Math.Log(sum);
        return new LogitsMeasure(prediction, (float)(log - (weighted / sum)), next is null ? 0 : (float)(log - expected));
    }
}
