namespace TaH.Engine;

/// <summary>A row with its labels, as it is written.</summary>
/// <param name="Id">Its id; the row's number where it has none.</param>
/// <param name="Kind">Its kind; null where it has none.</param>
/// <param name="Text">The tokens as text; empty without a tokenizer.</param>
/// <param name="Tokens">[T].</param>
/// <param name="Mask">[T] 1 where a token carries loss.</param>
/// <param name="Mismatch">[T] 1 where the prediction misses the next token; 0 at the last one.</param>
/// <param name="Entropy">[T], or empty.</param>
/// <param name="CrossEntropy">[T], or empty.</param>
internal sealed record LabelledTokens(
    string Id, string? Kind, string Text, int[] Tokens, int[] Mask, int[] Mismatch, float[] Entropy, float[] CrossEntropy);
