namespace TaH.Cli;

/// <summary>What was said so far, as messages and as the token ids that the grid has seen.</summary>
internal sealed class ChatHistory(TahModel model)
{
    private readonly Tokenizer _tokenizer = model.RequireTokenizer();
    private readonly List<ChatMessage> _turns = [];
    private (string Text, int[] Ids) _asked = ("", []);
    private (string Text, int[] Ids)? _known;

    /// <summary>The system prompt, or null.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>Everything that was said, the system prompt first.</summary>
    public IReadOnlyList<ChatMessage> Messages => SystemPrompt is { } system ? [new ChatMessage("system", system), .. _turns] : [.. _turns];

    /// <summary>Adds what the user says.</summary>
    /// <param name="text">The user's words.</param>
    /// <param name="think">Whether the model may think aloud.</param>
    /// <returns>The token ids of the whole chat, ready for the answer.</returns>
    /// <remarks>
    /// Where the chat's text goes on from what the model has read and written, its ids do so too: text would not always become the same tokens again,
    /// and every other token is one to prefill anew. Where the template changes the past (Qwen3's drops old thoughts), it is taken as it is.
    /// </remarks>
    public int[] Ask(string text, bool think)
    {
        _turns.Add(new ChatMessage("user", text));
        var chat = model.Chat!.Render(Messages, addGenerationPrompt: true, think);
        _asked = _known is { } known && chat.StartsWith(known.Text, StringComparison.Ordinal)
            ? (chat, [.. known.Ids, .. _tokenizer.Encode(chat[known.Text.Length..], addSpecialTokens: false)])
            : (chat, _tokenizer.Encode(chat, addSpecialTokens: false));
        return _asked.Ids;
    }

    /// <summary>Adds the answer to what was asked last; an interrupted one counts as far as it came.</summary>
    public void Answer(Completion completion)
    {
        var (text, ids) = (completion.Text!, completion.Tokens.Select(token => token.Id).ToArray());
        _turns.Add(new ChatMessage("assistant", text));
        // Behind a stop string there are tokens that are no part of the text.
        _known = _tokenizer.Decode(ids, skipSpecialTokens: true) == text ? (_asked.Text + text, [.. _asked.Ids, .. ids]) : null;
    }

    /// <summary>Takes back what was asked last, since it cannot be answered.</summary>
    public void Withdraw() => _turns.RemoveAt(_turns.Count - 1);

    /// <summary>Forgets everything but the system prompt.</summary>
    public void Clear()
    {
        _turns.Clear();
        _known = null;
    }
}
