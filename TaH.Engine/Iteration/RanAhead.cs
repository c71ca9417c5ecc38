namespace TaH.Engine;

/// <summary>A guessed token after its first pass.</summary>
/// <param name="Position">Its place in the sequence, which its grid entry has taken.</param>
/// <param name="Token">The guess.</param>
/// <param name="Slot">Where its logits are.</param>
/// <param name="Decision">The decider's logit; NaN where it did not run.</param>
internal readonly record struct RanAhead(int Position, int Token, int Slot, float Decision);
