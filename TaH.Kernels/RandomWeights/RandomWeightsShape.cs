namespace TaH.Kernels;

/// <summary>What random weights are to be.</summary>
/// <param name="Length">Elements.</param>
/// <param name="Bound">They are uniform from -bound (inclusive) to bound (exclusive), then rounded to bfloat16.</param>
/// <param name="Seed">Decides which; an element depends on its seed and its place alone.</param>
public readonly record struct RandomWeightsShape(long Length, float Bound, uint Seed);
