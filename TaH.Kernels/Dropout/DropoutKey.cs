namespace TaH.Kernels;

/// <summary>Which random numbers a mask is made of. The same key gives the same mask, so that nobody has to keep one.</summary>
/// <param name="Seed">Of the training run.</param>
/// <param name="Stream">Of the place in the model: no two masks of a step share one.</param>
/// <param name="Step">Of the forward pass within the run.</param>
public readonly record struct DropoutKey(ulong Seed, uint Stream, uint Step);
