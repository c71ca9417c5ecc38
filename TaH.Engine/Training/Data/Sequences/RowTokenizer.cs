namespace TaH.Engine;

/// <summary>A row as token ids.</summary>
/// <param name="Tokens">[T].</param>
/// <param name="Mask">[T] whether a token carries loss.</param>
/// <param name="Mismatch">[T] see <see cref="LabelledRow"/>; null where nobody has labelled the row.</param>
internal readonly record struct RowTokens(int[] Tokens, bool[] Mask, byte[]? Mismatch = null);

/// <summary>Turns rows of every form into token ids of one model. Safe for use by several threads.</summary>
/// <param name="modelName">How messages call the model.</param>
/// <param name="vocabulary">Token ids that it has: rows of its embedding.</param>
/// <param name="tokenizer">Its tokenizer; null where it has none and only labelled rows can be read.</param>
/// <param name="chat">How it writes conversations.</param>
internal sealed class RowTokenizer(string modelName, int vocabulary, Tokenizer? tokenizer, ChatFormat? chat)
{
    private readonly ConversationTokens? _conversations = tokenizer is null || chat is null ? null : new ConversationTokens(tokenizer, chat);

    /// <summary>The tokenizer of a model.</summary>
    public static RowTokenizer Of(TahModel model) => new(model.Name, model.Config.VocabSize, model.Tokenizer, model.Chat);

    /// <summary>The tokenizer of a checkpoint, if it has one.</summary>
    public static RowTokenizer Of(Checkpoint checkpoint)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Directory));
        return checkpoint.TokenizerPath is null
            ? new RowTokenizer(name, checkpoint.Config.VocabSize, null, null)
            : new RowTokenizer(name, checkpoint.Config.VocabSize, Tokenizer.Open(checkpoint.Directory), ChatFormat.Open(checkpoint.Directory));
    }

    /// <summary>The token ids of a row and which of them carry loss.</summary>
    /// <exception cref="BadFileException">The row does not fit the model; the message names row and field.</exception>
    public RowTokens Encode(TrainingRow row)
    {
        var encoded = row switch
        {
            LabelledRow labelled => new RowTokens(labelled.Tokens, labelled.Mask, labelled.Mismatch),
            ConversationRow conversation => Conversations(row).Encode(conversation),
            ResponseRow response => Response(response),
            TextRow text => Text(text),
            _ => throw new ArgumentOutOfRangeException(nameof(row), row, "is no known form of row"),
        };
        var wrong = Array.FindIndex(encoded.Tokens, token => token < 0 || token >= vocabulary);
        if (wrong < 0) return encoded;
        var found = FormattableString.Invariant($"entry {wrong} is token {encoded.Tokens[wrong]:N0}");
        throw row.Place.Error(RowFields.RealToken, FormattableString.Invariant($"{found}, the vocabulary of {modelName} has {vocabulary:N0}"));
    }

    private RowTokens Response(ResponseRow row)
    {
        var (prompt, response) = (Words(row).Encode(row.Prompt, addSpecialTokens: false), Words(row).Encode(row.Response, addSpecialTokens: false));
        var mask = new bool[prompt.Length + response.Length];
        mask.AsSpan(prompt.Length).Fill(true);
        return new RowTokens([.. prompt, .. response], mask);
    }

    private RowTokens Text(TextRow row)
    {
        var tokens = Words(row).Encode(row.Text);
        var mask = new bool[tokens.Length];
        mask.AsSpan().Fill(true);
        return new RowTokens(tokens, mask);
    }

    private Tokenizer Words(TrainingRow row) => tokenizer ?? throw WithoutTokenizer(row);

    private ConversationTokens Conversations(TrainingRow row) => _conversations ?? throw WithoutTokenizer(row);

    private BadFileException WithoutTokenizer(TrainingRow row) =>
        row.Place.Error(null, $"is text, and {modelName} has no tokenizer.json; only rows with {RowFields.RealToken} can be read for it");
}
