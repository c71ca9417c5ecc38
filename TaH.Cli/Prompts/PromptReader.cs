using System.Text.Json;

namespace TaH.Cli;

/// <summary>Finds the prompt that a command line means: an argument, a file, ids, standard input, or an example where a newcomer gave none.</summary>
internal sealed class PromptReader(Terminal terminal, ChatOptions chat)
{
    /// <summary>A held-out problem that the shipped model solves.</summary>
    public const string Example = "What is 34 * 71?";

    private const string StandardInput = "-";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IEnumerable<string> Words { get; init; } = [];

    public string? Text { get; init; }

    public string? PromptFile { get; init; }

    public string? PromptsFile { get; init; }

    public string? Raw { get; init; }

    public string? Ids { get; init; }

    /// <summary>Whether the example stands in where there is no prompt: for the shipped model, which knows its kind.</summary>
    public bool MayUseExample { get; init; }

    /// <summary>Reads the prompts; more than one only from <see cref="PromptsFile"/>.</summary>
    /// <exception cref="UsageException">There are several or none.</exception>
    /// <exception cref="BadFileException">A file cannot be read.</exception>
    public IReadOnlyList<Prompt> Read()
    {
        RefuseContradictions();
        if (Ids is not null) return [new Prompt.TokenIds(TokenIdList.Parse("--ids", Ids))];
        if (Raw is not null) return [new Prompt.RawText(Raw)];
        if (PromptsFile is not null) return [.. ReadMany(PromptsFile).Select(Ask)];
        if (Words.Any() || Text is not null) return [Ask(Text ?? string.Join(' ', Words))];
        if (PromptFile is not null) return [Ask(WithoutLastLineEnd(PromptFile == StandardInput ? ReadStandardInput() : TextFile.Read(PromptFile)))];
        return [Ask(InputOrExample())];
    }

    private void RefuseContradictions()
    {
        (string Name, bool IsGiven)[] sources =
        [
            ("a prompt argument", Words.Any()), ("--prompt", Text is not null), ("--prompt-file", PromptFile is not null),
            ("--prompts-file", PromptsFile is not null), ("--raw", Raw is not null), ("--ids", Ids is not null),
        ];
        var given = sources.Where(source => source.IsGiven).Select(source => source.Name).ToList();
        if (given.Count > 1) throw new UsageException($"{given[0]} and {given[1]} are two prompts; give one");
        if (chat.AreGiven && (Raw ?? Ids) is not null)
            throw new UsageException($"--system and --think belong to the chat format, which {given[0]} leaves out");
    }

    private Prompt.Question Ask(string text) => string.IsNullOrWhiteSpace(text)
        ? throw new UsageException("the prompt is empty; there is nothing to answer")
        : new Prompt.Question(text, chat);

    private string InputOrExample()
    {
        var piped = terminal.IsInputRedirected ? WithoutLastLineEnd(ReadStandardInput()) : string.Empty;
        if (!string.IsNullOrWhiteSpace(piped)) return piped;
        if (!MayUseExample) throw new UsageException("there is no prompt; give one as an argument, with --prompt-file, or through standard input");
        terminal.Remark($"no prompt given, so here is an example: {Example}");
        return Example;
    }

    /// <summary>A pipe that nobody fills looks like a program that hangs, so it says what it waits for.</summary>
    private string ReadStandardInput()
    {
        var reading = Task.Run(terminal.In.ReadToEnd);
        if (Task.WaitAny([reading], Patience) < 0) terminal.Remark("waiting for a prompt on standard input; it ends with Ctrl-D");
        return TextFile.Guard("standard input", reading.GetAwaiter().GetResult);
    }

    private static IEnumerable<string> ReadMany(string path)
    {
        var lines = TextFile.ReadLines(path);
        if (lines.Count == 0) throw new BadFileException(path, null, "holds no prompt");
        var areJson = path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
        return lines.Select(line => areJson ? JsonString(path, line.Number, line.Text) : line.Text);
    }

    private static string JsonString(string path, int number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.String) return document.RootElement.GetString()!;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new BadFileException(path, $"line {number}", "is not a JSON string", error);
        }
        throw new BadFileException(path, $"line {number}", "is JSON, but not a string");
    }

    private static string WithoutLastLineEnd(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
