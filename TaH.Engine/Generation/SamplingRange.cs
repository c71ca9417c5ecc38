namespace TaH.Engine;

/// <summary>The values that a sampling setting may have, whoever gives them: a request or generation_config.json.</summary>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound, allowed itself.</param>
/// <param name="WithLow">Whether the lower bound is allowed.</param>
/// <param name="InWords">The range, for messages.</param>
internal sealed record SamplingRange(float Low, float High, bool WithLow, string InWords)
{
    public static SamplingRange Temperature { get; } = new(0, 100, WithLow: true, "from 0 (greedy) to 100");

    public static SamplingRange TopP { get; } = new(0, 1, WithLow: false, "above 0 and at most 1 (all)");

    public static SamplingRange MinP { get; } = new(0, 1, WithLow: true, "from 0 (all) to 1");

    public static SamplingRange RepetitionPenalty { get; } = new(0, 100, WithLow: false, "above 0 and at most 100; 1 is none");

    /// <summary>Both the presence and the frequency penalty.</summary>
    public static SamplingRange AdditivePenalty { get; } = new(-100, 100, WithLow: true, "from -100 to 100; 0 is none");

    /// <summary>Whether the value is in the range; NaN is in none.</summary>
    public bool Contains(float value) => value <= High && (WithLow ? value >= Low : value > Low);
}
