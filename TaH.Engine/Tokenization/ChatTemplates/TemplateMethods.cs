namespace TaH.Engine;

/// <summary>The methods of Python's strings and dictionaries that a template may call.</summary>
internal static class TemplateMethods
{
    // What str.isspace() holds for: Unicode white space and the four information separators.
    private const string WhiteSpace = "\t\n\v\f\r\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
        + "\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";

    /// <summary>Calls a method by its name.</summary>
    public static object? Call(object? target, string name, ArgumentValues arguments, TemplateRun run)
    {
        if (target is IReadOnlyDictionary<string, object?> dictionary && name == "get") return Get(dictionary, arguments.AtMost(2, name, run), run);
        if (target is not string text) throw run.Error($"calls the method {name} of {TemplateValues.NameOf(target)}, which is not supported");
        run.Work(text.Length);
        arguments.AtMost(name is "upper" or "lower" ? 0 : 1, name, run);
        return name switch
        {
            "startswith" => text.StartsWith(arguments.String(0, name, run), StringComparison.Ordinal),
            "endswith" => text.EndsWith(arguments.String(0, name, run), StringComparison.Ordinal),
            "strip" => StripEnd(StripStart(text, arguments.StringOrNull(0, name, run)), arguments.StringOrNull(0, name, run)),
            "lstrip" => StripStart(text, arguments.StringOrNull(0, name, run)),
            "rstrip" => StripEnd(text, arguments.StringOrNull(0, name, run)),
            "split" => Split(text, arguments.StringOrNull(0, name, run), run),
            "upper" => text.ToUpperInvariant(),
            "lower" => text.ToLowerInvariant(),
            _ => throw run.Error($"calls the string method {name}, which is not supported"),
        };
    }

    /// <summary><c>str.strip()</c> without an argument.</summary>
    public static string Strip(string text) => StripEnd(StripStart(text, null), null);

    // string.Trim takes an empty set for white space; Python takes it for nothing.
    private static string StripStart(string text, string? set) => set == "" ? text : text.TrimStart((set ?? WhiteSpace).ToCharArray());

    private static string StripEnd(string text, string? set) => set == "" ? text : text.TrimEnd((set ?? WhiteSpace).ToCharArray());

    private static object? Get(IReadOnlyDictionary<string, object?> dictionary, ArgumentValues arguments, TemplateRun run) =>
        dictionary.TryGetValue(arguments.String(0, "get", run), out var value) ? value : arguments.Positional.ElementAtOrDefault(1);

    private static List<object?> Split(string text, string? separator, TemplateRun run) => separator switch
    {
        null => [.. text.Split(WhiteSpace.ToCharArray(), StringSplitOptions.RemoveEmptyEntries)],
        "" => throw run.Error("splits by an empty string"),
        _ => [.. text.Split(separator)],
    };
}
