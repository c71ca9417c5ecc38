namespace TaH.Kernels;

/// <summary>How a device came to its kernels so far.</summary>
/// <param name="Directory">Where compiled kernels are kept; null if they are not.</param>
/// <param name="Kept">Kernels that an earlier run had compiled.</param>
/// <param name="Compiled">Kernels that this one had to compile.</param>
/// <param name="Time">How long that took, all threads together.</param>
/// <param name="Faults">What was wrong with the directory or its files, a sentence each; such kernels were compiled anew.</param>
public sealed record KernelReport(string? Directory, int Kept, int Compiled, TimeSpan Time, IReadOnlyList<string> Faults);
