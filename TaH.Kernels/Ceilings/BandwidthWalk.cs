namespace TaH.Kernels;

/// <summary>Which words each thread visits: from (its number * apart) on, every step-th, within its reach.</summary>
/// <param name="Words">Words of 16 bytes in all.</param>
/// <param name="Apart">Words between the first ones of neighbouring threads.</param>
/// <param name="Step">Words between two that a thread visits.</param>
/// <param name="Reach">Words from a thread's first within which it stays.</param>
internal readonly record struct BandwidthWalk(long Words, long Apart, long Step, long Reach);
