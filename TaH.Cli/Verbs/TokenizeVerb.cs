using CommandLine.Text;

namespace TaH.Cli;

[Verb("tokenize", HelpText = "Turn text into token ids and back.")]
internal sealed class TokenizeVerb : Verb
{
    [Value(0, MetaName = "TEXT", HelpText = "The text.")]
    public IEnumerable<string> Words { get; init; } = [];

    [Option('m', "model", MetaValue = "DIR", HelpText = "Directory with a tokenizer.json, or a hub name that was pulled before. "
        + "Without it: the model that comes with the program.")]
    public string? Model { get; init; }

    [Option("input", MetaValue = "FILE", HelpText = "Read JSON strings, one a line; - is standard input. Each becomes a line "
        + "{\"ids\":[...],\"text\":...}, where text is what the ids decode to.")]
    public string? Input { get; init; }

    [Option("decode", MetaValue = "5,17,3", HelpText = "Turn these ids into text.")]
    public string? Decode { get; init; }

    [Option("json", HelpText = "Print {\"ids\":[...],\"text\":...} for a text or ids too.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("See the ids of a text", new TokenizeVerb { Words = ["Add up 1 2 3."] }),
        new("Turn ids into text", new TokenizeVerb { Decode = "540,198" }),
        new("Tokenize a file of JSON strings", new TokenizeVerb { Input = "texts.jsonl", Json = true }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        (string Name, bool IsGiven)[] sources = [("TEXT", Words.Any()), ("--input", Input is not null), ("--decode", Decode is not null)];
        var given = sources.Where(source => source.IsGiven).Select(source => source.Name).ToList();
        if (given.Count == 0) throw new UsageException("there is nothing to tokenize; give TEXT, --input FILE or --decode IDS");
        if (given.Count > 1) throw new UsageException($"{given[0]} and {given[1]} exclude each other");
        var ids = Decode is null ? [] : TokenIdList.Parse("--decode", Decode);
        var tokenizer = Tokenizer.Open(ModelPath.Find(Model, terminal));
        RefuseUnknown(ids, tokenizer.VocabularySize);
        if (Input is not null) WriteLines(terminal, tokenizer, Input);
        else if (Decode is not null) terminal.WriteLine(Json ? Pair(ids, tokenizer.Decode(ids)) : tokenizer.Decode(ids));
        else WriteText(terminal, tokenizer, string.Join(' ', Words));
        return ExitCode.Success;
    }

    private static void RefuseUnknown(int[] ids, int size)
    {
        var place = Array.FindIndex(ids, id => id >= size);
        if (place >= 0)
            throw new UsageException($"--decode: {ids[place]} at place {place} is no id of the tokenizer, whose ids run from 0 to {size - 1}");
    }

    private void WriteText(Terminal terminal, Tokenizer tokenizer, string text)
    {
        var ids = tokenizer.Encode(text);
        terminal.WriteLine(Json ? Pair(ids, tokenizer.Decode(ids)) : string.Join(',', ids));
    }

    private static void WriteLines(Terminal terminal, Tokenizer tokenizer, string input)
    {
        using var file = input == "-" ? null : TextFile.Open(input);
        using var lines = new TokenizeLines(tokenizer).Run(file ?? terminal.In, input).GetEnumerator();
        while (TextFile.Guard(input, lines.MoveNext)) terminal.WriteLine(lines.Current);
    }

    private static string Pair(int[] ids, string text) => JsonLine.Write(json =>
    {
        JsonLine.WriteNumbers(json, "ids", ids);
        json.WriteString("text", text);
    });
}
