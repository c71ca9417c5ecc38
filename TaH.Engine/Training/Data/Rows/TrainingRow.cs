namespace TaH.Engine;

/// <summary>A row of training data, in whichever of its forms.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Id">Its <c>data_id</c> or <c>id</c>; null where it has none.</param>
internal abstract record TrainingRow(RowPlace Place, string? Id)
{
    /// <summary>Its <c>kind</c>, a name that groups rows in an analysis; null where it has none.</summary>
    public string? Kind { get; init; }
}

/// <summary>Tokens with labels, as the official labeller writes them.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Id">Its id.</param>
/// <param name="Tokens">[T] <c>real_token</c>: the token ids.</param>
/// <param name="Mask">[T] <c>mask</c>: whether a token is the answer's, so that it carries loss.</param>
/// <param name="Mismatch">
/// [T] <c>mismatch</c>: 1 where the reference model's prediction at a token misses the next one. A number above 1 anywhere says that the whole row
/// holds passes minus one. Null where nobody has labelled the row: every token takes one pass.
/// </param>
/// <remarks>Source: preprocess_for_sft_batch of github.com/thu-nics/TaH at 1b785ca.</remarks>
internal sealed record LabelledRow(RowPlace Place, string? Id, int[] Tokens, bool[] Mask, byte[]? Mismatch) : TrainingRow(Place, Id);

/// <summary>A conversation, rendered by the checkpoint's chat template; the assistant's turns carry loss.</summary>
internal sealed record ConversationRow(RowPlace Place, string? Id, IReadOnlyList<ChatMessage> Messages) : TrainingRow(Place, Id);

/// <summary>A prompt and its response, taken as they stand, special tokens included; the response carries loss.</summary>
internal sealed record ResponseRow(RowPlace Place, string? Id, string Prompt, string Response) : TrainingRow(Place, Id);

/// <summary>Plain text, all of which carries loss.</summary>
internal sealed record TextRow(RowPlace Place, string? Id, string Text) : TrainingRow(Place, Id);
