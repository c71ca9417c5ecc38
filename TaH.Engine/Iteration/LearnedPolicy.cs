namespace TaH.Engine;

/// <summary>The trained decider: go on if its probability is above the threshold (<c>MLPIterDecider</c> of the official code; strict).</summary>
public sealed class LearnedPolicy : IterationPolicy
{
    /// <summary>Makes the policy.</summary>
    /// <param name="threshold">In [0, 1]; 1 never goes on.</param>
    public LearnedPolicy(float threshold)
    {
        if (!(threshold is >= 0 and <= 1)) throw new UsageException($"the threshold must be between 0 and 1, not {threshold}");
        Threshold = threshold;
    }

    /// <summary>The probability above which a token goes on.</summary>
    public float Threshold { get; }

    /// <inheritdoc/>
    public override bool NeedsDecider => true;

    /// <summary>The probability that a decider's logit stands for.</summary>
    public static float Probability(float logit) => 1f / (1f + MathF.Exp(-logit));

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => true;

    /// <inheritdoc/>
    public override bool GoesOn(int position, int depth, float deciderLogit) => Probability(deciderLogit) > Threshold;
}
