namespace TaH.Engine;

/// <summary>A policy of an analysis: who goes on, and how it fares.</summary>
/// <param name="tally">Adds it up.</param>
/// <param name="goesOn">Told a batch, a token, a depth and the decider's logit.</param>
/// <param name="profile">Looks at its tokens one by one; null for nobody.</param>
internal sealed class AnalysedPolicy(PolicyTally tally, Func<PackedBatch, int, int, float, bool> goesOn, IterationProfiler? profile)
{
    /// <summary>What it came to.</summary>
    public PolicyAccuracy Result => tally.Result();

    /// <summary>Its rule for a batch; see <see cref="PolicyWalk.Deepen"/>.</summary>
    public Func<int, int, float, bool> GoesOn(PackedBatch batch) => (token, depth, logit) => goesOn(batch, token, depth, logit);

    /// <summary>Adds a batch.</summary>
    public void Add(PackedBatch batch, bool[] isAsked, ReadOnlySpan<string?> kinds, PolicyOutcomes outcomes)
    {
        tally.Add(batch, isAsked, kinds, outcomes);
        profile?.Add(batch, isAsked, outcomes);
    }
}
