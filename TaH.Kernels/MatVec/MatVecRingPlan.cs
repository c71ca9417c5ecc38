namespace TaH.Kernels;

/// <summary>How a launch of <see cref="MatVecRing"/> spreads over a card.</summary>
/// <param name="GroupsPerMultiprocessor">Groups that share a multiprocessor.</param>
/// <param name="Stages">Steps that each warp has on the way at the most; 0 leaves the ring out.</param>
/// <param name="SharedBytes">Shared memory that a group takes at the most, if it can do with less by fewer stages.</param>
internal readonly record struct MatVecRingPlan(int GroupsPerMultiprocessor, int Stages, int SharedBytes)
{
    /// <summary>Enough on the way to keep the memory busy, and room beside it in which the next kernel begins.</summary>
    public static MatVecRingPlan Default => new(GroupsPerMultiprocessor: 1, Stages: 0, SharedBytes: 112 * 1024);
}
