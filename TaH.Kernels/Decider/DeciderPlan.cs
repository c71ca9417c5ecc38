namespace TaH.Kernels;

/// <summary>How the products of a decider are cut up among groups that stay.</summary>
/// <param name="Rows">Rows of x that the kernel is compiled for.</param>
/// <param name="Groups">Groups of a team.</param>
internal readonly record struct DeciderPlan(int Rows, int Groups)
{
    private const int Warps = DeciderResident.GroupSize / MatVec.WarpSize;
    private const int MaxSlices = Warps;
    private const int MostSlicesOfNorm = 4;

    /// <summary>A plan for as many groups as there are, but no more than the first product of each block keeps busy.</summary>
    /// <param name="model">The decider.</param>
    /// <param name="rows">Rows of x that the kernel is compiled for.</param>
    /// <param name="groups">Groups that may stay at a time.</param>
    public static DeciderPlan Of(DeciderModel model, int rows, int groups) =>
        new(rows, Math.Min(groups, model.Blocks.Min(block => ((block.Expand.Weight.Rows / 2) + Warps - 1) / Warps)));

    /// <summary>Teams for some head rows, if so many groups may stay at a time.</summary>
    public int TeamsFor(int headRows, int groups) => Math.Clamp((headRows + Rows - 1) / Rows, 1, Math.Max(1, groups / Groups));

    /// <summary>Whether layers are of whole octets, every LayerNorm fits in shared memory, and there are not too many products.</summary>
    /// <param name="model">The decider.</param>
    /// <param name="maxRows">Rows of x of the largest kernel.</param>
    public static bool Takes(DeciderModel model, int maxRows)
    {
        if (model.Blocks.Count == 0 || (3 * model.Blocks.Count) + 2 > DeciderResident.MaxPhases) return false;
        return Fits(model.OutputNorm, maxRows)
            && model.Blocks.All(block => Fits(block.Norm, maxRows) && block.Contract.Weight.Columns % MatVecTask.Octet == 0);
    }

    /// <summary>Shares each pair of weight rows among as many warps as there are to spare, and cuts x where each of them ends a turn.</summary>
    public DeciderPhase Cut(DeciderPhase phase)
    {
        var slices = 1;
        var most = phase.Gain != 0 ? MostSlicesOfNorm : MaxSlices;
        while (slices < most && 2L * slices * phase.Pairs <= (long)Warps * Groups && phase.Octets >= 2 * slices * MatVec.WarpSize
            && PanelOctets(Rows, 2 * slices) > 0) slices *= 2;
        return phase with { Slices = slices, PanelOctets = Math.Min(phase.Octets, PanelOctets(Rows, slices)) };
    }

    /// <summary>Octets of each of some rows that fit in shared memory, whole turns of the warps that share a pair.</summary>
    private static int PanelOctets(int rows, int slices) =>
        DeciderResident.PanelCapacity / (MatVecTask.Octet * rows) / (slices * MatVec.WarpSize) * (slices * MatVec.WarpSize);

    private static bool Fits(DeciderNorm norm, int rows) =>
        norm.Weight.Length % MatVecTask.Octet == 0 && norm.Weight.Length <= MatVecTask.Octet * PanelOctets(rows, MostSlicesOfNorm);
}
