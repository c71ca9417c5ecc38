namespace TaH.Engine;

/// <summary>The tasks that come with the program.</summary>
/// <remarks>
/// Prompts and settings are those of tah/evaluate of github.com/thu-nics/TaH at 1e07bc3: the bare problem for mathematics and choices, evalplus's
/// wording for code.
/// </remarks>
public static class BuiltInTasks
{
    private const string Prefix = "TaH.Engine.Tasks.";
    private const string Ending = ".yaml";

    /// <summary>Their names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(BuiltInTasks).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Ending.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The task of a name; null where there is none.</summary>
    public static EvaluationTask? Find(string name)
    {
        using var stream = typeof(BuiltInTasks).Assembly.GetManifestResourceStream(Prefix + name + Ending);
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return TaskFile.Parse(reader.ReadToEnd(), name + Ending);
    }
}
