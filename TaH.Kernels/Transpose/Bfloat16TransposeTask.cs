namespace TaH.Kernels;

/// <summary>What the kernel has to do.</summary>
/// <param name="Shape">The sizes.</param>
/// <param name="Straight">1 if a straight copy is wanted, too; else 0.</param>
internal readonly record struct Bfloat16TransposeTask(TransposeShape Shape, int Straight);
