namespace TaH.Kernels;

/// <summary>How a launch of <see cref="MatVec"/> spreads over a card.</summary>
/// <param name="Residency">Groups that shall fit on a multiprocessor, those of the next kernel included: what registers are cut to.</param>
/// <param name="Groups">
/// Groups of this kernel on a multiprocessor at the most; the rest of the room is for the next kernel, which begins early.
/// </param>
internal readonly record struct MatVecPlan(int Residency, int Groups)
{
    /// <summary>
    /// Measured on an H200: to leave room for the next kernel, by fewer groups or fewer registers, costs more than its early beginning brings.
    /// </summary>
    public static MatVecPlan Default => new(Residency: 2, Groups: 3);

    /// <summary>The same measured for gate and up, the largest product of a layer: one more group is worth more than the registers that it takes.</summary>
    public static MatVecPlan GateUp => new(Residency: 3, Groups: 3);
}
