namespace TaH.Kernels;

/// <summary>
/// How the groups of a cluster bring the sums of a tile together where there are too many to be sent (<see cref="BatchMeeting"/>): each puts its own
/// down in the place of the ring's slots; then they meet, and each reads those of its share of the tokens from all, always in the same order. They
/// meet again before any of them leaves.
/// </summary>
internal static class BatchGathering
{
    /// <summary>Whether a cluster reads the sums of so many tokens. A kernel of few knows that it never does.</summary>
    public static bool Takes(int tokens, int splits) => tokens > BatchMeeting.MostTokens && splits > 1;

    /// <summary>Four sums of a cluster.</summary>
    /// <param name="at">Where they are, at the same place in every group.</param>
    /// <param name="splits">Groups: 2, 4 or 8.</param>
    public static Quad Sum(uint at, int splits)
    {
        if (splits == 2) return PtxInstructions.LoadClusterQuad(at, 0).Plus(PtxInstructions.LoadClusterQuad(at, 1));
        return splits == 4 ? Four(at, 0) : Four(at, 0).Plus(Four(at, 4));
    }

    // All that is read is on its way before the first of it is added.
    private static Quad Four(uint at, int group)
    {
        Quad first = PtxInstructions.LoadClusterQuad(at, group), second = PtxInstructions.LoadClusterQuad(at, group + 1);
        Quad third = PtxInstructions.LoadClusterQuad(at, group + 2), fourth = PtxInstructions.LoadClusterQuad(at, group + 3);
        return first.Plus(second).Plus(third.Plus(fourth));
    }
}
