namespace TaH.Kernels;

/// <summary>What the requests of an upload have in common: which kernels have to run for them.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Penalties">Whether any has penalties.</param>
/// <param name="Draws">Whether any is not greedy.</param>
/// <param name="FromTop">Whether the largest logits that every slot keeps are all that any of them looks at.</param>
public readonly record struct SampleBatch(int Count, bool Penalties, bool Draws, bool FromTop);
