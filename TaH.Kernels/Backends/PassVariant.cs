namespace TaH.Kernels;

/// <summary>What tells passes apart whose rows are of one kind: what follows the layers.</summary>
/// <param name="Decides">Whether the decider runs.</param>
/// <param name="Draws">Tokens that are drawn.</param>
public readonly record struct PassVariant(bool Decides, SampleBatch Draws);
