namespace TaH.Engine;

/// <summary>What is wanted beside the prediction at each position.</summary>
[Flags]
internal enum TokenMeasures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>How spread out the prediction is.</summary>
    Entropy = 1,

    /// <summary>How unexpected the next token is.</summary>
    CrossEntropy = 2,
}

/// <summary>What a model says at every position of a batch.</summary>
/// <param name="Tokens">[T] the likeliest next token; the lower id among equals.</param>
/// <param name="Entropy">[T] of the distribution of the next token, in nats; empty where it is not asked for.</param>
/// <param name="CrossEntropy">[T] -log of the next token's probability, 0 at a sequence's last position; empty where it is not asked for.</param>
internal sealed record TopOnePredictions(int[] Tokens, float[] Entropy, float[] CrossEntropy);

/// <summary>The plain model (one pass for every token) over whole sequences at once.</summary>
internal interface ITopOnePredictor : IDisposable
{
    /// <summary>Runs a batch of any size.</summary>
    /// <param name="batch">Sequences; their labels and passes do not matter.</param>
    /// <param name="measures">What is wanted beside the predictions.</param>
    TopOnePredictions Predict(PackedBatch batch, TokenMeasures measures);
}
