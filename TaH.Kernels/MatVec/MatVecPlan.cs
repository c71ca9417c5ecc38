namespace TaH.Kernels;

/// <summary>How a launch of <see cref="MatVec"/> spreads over a card.</summary>
/// <param name="Residency">Groups that shall fit on a multiprocessor, those of the next kernel included: what registers are cut to.</param>
/// <param name="Groups">
/// Groups of this kernel on a multiprocessor at the most; the rest of the room is for the next kernel, which begins early.
/// </param>
internal readonly record struct MatVecPlan(int Residency, int Groups)
{
    /// <summary>
    /// What was best on an H200 with the shapes of Qwen3 0.6B, 1.7B and 4B. Three groups keep more weights on the way; but a product that is cut in
    /// slices has hardly two groups for each multiprocessor, and they gather on some of them where three fit. f32 weights take twice the registers.
    /// </summary>
    public static MatVecPlan For(MatVecTask task, ElementType type) =>
        new(Residency: task.Slices > 1 || type == ElementType.F32 ? 2 : 3, Groups: 3);

    /// <summary>For a head, whose many pairs come to the read ceiling with two.</summary>
    public static MatVecPlan Head => new(Residency: 2, Groups: 3);
}
