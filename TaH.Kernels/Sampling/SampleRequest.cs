namespace TaH.Kernels;

/// <summary>How the next token of one sequence is drawn, in the official order: penalties, temperature, softmax, min-p, top-k, top-p, draw.</summary>
/// <param name="Slot">Whose accumulated logits.</param>
/// <param name="Temperature">0 takes the largest logit (the lowest id among equals); else logits are divided by it.</param>
/// <param name="TopK">Keep the k most probable tokens and all that tie with the last of them; 0 keeps all.</param>
/// <param name="TopP">Keep the smallest set of most probable tokens whose sum passes this; 1 keeps all.</param>
/// <param name="MinP">Keep tokens of at least this share of the largest probability; 0 keeps all.</param>
/// <param name="Uniform">The draw, in [0, 1): from the request's seeded generator, so that every device draws alike.</param>
/// <param name="Penalties">What earlier tokens cost, or null.</param>
public readonly record struct SampleRequest(
    int Slot, float Temperature, int TopK, float TopP, float MinP, float Uniform, TokenPenalties? Penalties);

/// <summary>Penalties on tokens that the sequence already holds.</summary>
/// <param name="Repetition">Positive logits are divided by it, negative ones multiplied; 1 is none. Applies to every token seen.</param>
/// <param name="Presence">Subtracted once from every token generated so far; 0 is none.</param>
/// <param name="Frequency">Subtracted once for each time that a token was generated; 0 is none.</param>
/// <param name="Seen">Distinct token ids of prompt and answer.</param>
/// <param name="GeneratedCounts">For each of them, how often it was generated (0 for prompt only).</param>
public sealed record TokenPenalties(float Repetition, float Presence, float Frequency, ReadOnlyMemory<int> Seen, ReadOnlyMemory<int> GeneratedCounts);
