namespace TaH.Cli;

/// <summary>What a model is to go on from.</summary>
internal abstract record Prompt
{
    private const int TitleLength = 100;

    /// <summary>Its beginning, in one line.</summary>
    public abstract string Title { get; }

    /// <summary>Its token ids.</summary>
    /// <exception cref="UsageException">It is text and the model has no tokenizer.</exception>
    public abstract int[] Encode(TahModel model);

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= TitleLength ? line : line[..TitleLength] + "...";
    }

    /// <summary>A question in the model's chat format.</summary>
    internal sealed record Question(string Text, ChatOptions Chat) : Prompt
    {
        public override string Title => Shorten(Text);

        public override int[] Encode(TahModel model)
        {
            var user = new ChatMessage("user", Text);
            return model.Encode(Chat.System is { } system ? [new ChatMessage("system", system), user] : [user], Chat.Think);
        }
    }

    /// <summary>Text as it is.</summary>
    internal sealed record RawText(string Text) : Prompt
    {
        public override string Title => Shorten(Text);

        public override int[] Encode(TahModel model) => model.RequireTokenizer().Encode(Text);
    }

    /// <summary>Token ids as they are.</summary>
    internal sealed record TokenIds(int[] Ids) : Prompt
    {
        public override string Title => $"{Ids.Length} token ids";

        public override int[] Encode(TahModel model) => Ids;
    }
}

/// <summary>How a question becomes a chat.</summary>
/// <param name="System">The system prompt, or null.</param>
/// <param name="Think">Whether the model may think aloud.</param>
/// <param name="AreGiven">Whether the user asked for any of it.</param>
internal readonly record struct ChatOptions(string? System, bool Think, bool AreGiven);
