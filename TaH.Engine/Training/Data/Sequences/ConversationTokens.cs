namespace TaH.Engine;

/// <summary>
/// Conversations as token ids in which the assistant's turns carry loss: from <c>&lt;think&gt;</c> on where a turn has it, else from its first token
/// on, and up to the special token that ends it, which is included.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="chat">The model's.</param>
internal sealed class ConversationTokens(Tokenizer tokenizer, ChatFormat chat)
{
    private const string ThinkTag = "<think>";
    private const string Assistant = "assistant";

    private readonly int? _think = tokenizer.IdOf(ThinkTag);

    /// <summary>The token ids of a conversation, up to the last one that carries loss.</summary>
    /// <remarks>
    /// Every turn of the assistant is encoded apart from what stands before it, as in generation, where the prompt is encoded alone. What follows
    /// the last one (ChatML ends with a line break) is left out: nothing predicts it, and nothing is predicted from it.
    /// </remarks>
    /// <exception cref="BadFileException">The template does not write the turns one behind the other.</exception>
    public RowTokens Encode(ConversationRow row)
    {
        var text = Render(row, row.Messages, addGenerationPrompt: false);
        var starts = TurnStarts(row, text);
        var tokens = new List<int>(tokenizer.Encode(text[..(starts.Count > 0 ? starts[0] : text.Length)], addSpecialTokens: false));
        var mask = new List<bool>(Enumerable.Repeat(false, tokens.Count));
        for (var turn = 0; turn < starts.Count; turn++)
        {
            var end = turn + 1 < starts.Count ? starts[turn + 1] : text.Length;
            var ids = tokenizer.Encode(text[starts[turn]..end], addSpecialTokens: false);
            var length = Array.FindIndex(ids, tokenizer.IsSpecial) + 1;
            if (length == 0) length = ids.Length;
            var first = _think is { } think ? Math.Max(0, Array.IndexOf(ids, think, 0, length)) : 0;
            for (var i = 0; i < ids.Length; i++) mask.Add(i >= first && i < length);
            tokens.AddRange(ids);
        }
        var kept = mask.LastIndexOf(true) + 1;
        if (kept == 0) kept = tokens.Count;
        return new RowTokens([.. tokens[..kept]], [.. mask[..kept]]);
    }

    /// <summary>Where in the text each turn of the assistant begins: behind what the model would be given to write it.</summary>
    private List<int> TurnStarts(ConversationRow row, string text)
    {
        var starts = new List<int>();
        for (var turn = 1; turn < row.Messages.Count; turn++)
        {
            if (row.Messages[turn].Role != Assistant) continue;
            var prompt = Render(row, [.. row.Messages.Take(turn)], addGenerationPrompt: true);
            if (!text.StartsWith(prompt, StringComparison.Ordinal))
                throw row.Place.Error(RowFields.Messages, $"the chat template does not write turn {turn} behind the turns before it");
            // Some templates open the block for the model, which has to learn its way through it all the same.
            var trimmed = prompt.AsSpan().TrimEnd();
            starts.Add(trimmed.EndsWith(ThinkTag) ? trimmed.Length - ThinkTag.Length : prompt.Length);
        }
        return starts;
    }

    private string Render(ConversationRow row, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        try
        {
            return chat.Render(messages, addGenerationPrompt);
        }
        catch (UsageException error)
        {
            throw row.Place.Error(RowFields.Messages, error.Message, error);
        }
    }
}
