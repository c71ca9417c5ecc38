namespace TaH.Kernels;

/// <summary>Adds up what the groups of a cluster have at the same place of their shared memory, in the groups' order.</summary>
internal static class BatchSums
{
    /// <summary>The sum. All that is read is on its way before the first of it is added.</summary>
    /// <param name="address">Where the four sums lie.</param>
    /// <param name="splits">Groups: 1, 2, 4 or 8.</param>
    public static Quad Of(uint address, int splits)
    {
        if (splits == 1) return PtxInstructions.LoadSharedQuad(address);
        if (splits == 2) return Two(address, 0);
        return splits == 4 ? Four(address, 0) : Four(address, 0).Plus(Four(address, 4));
    }

    private static Quad Two(uint address, int group)
    {
        Quad first = PtxInstructions.LoadClusterQuad(address, group), second = PtxInstructions.LoadClusterQuad(address, group + 1);
        return first.Plus(second);
    }

    private static Quad Four(uint address, int group)
    {
        Quad first = PtxInstructions.LoadClusterQuad(address, group), second = PtxInstructions.LoadClusterQuad(address, group + 1);
        Quad third = PtxInstructions.LoadClusterQuad(address, group + 2), fourth = PtxInstructions.LoadClusterQuad(address, group + 3);
        return first.Plus(second).Plus(third.Plus(fourth));
    }
}
