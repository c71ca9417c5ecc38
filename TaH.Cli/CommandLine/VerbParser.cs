using System.Globalization;
using System.Reflection;

namespace TaH.Cli;

/// <summary>Turns a command line into the verb that runs it.</summary>
internal static class VerbParser
{
    /// <summary>Every verb, in the order of the overview.</summary>
    public static readonly Type[] Verbs =
    [
        typeof(GenerateVerb), typeof(ChatVerb), typeof(InfoVerb), typeof(DevicesVerb), typeof(PullVerb), typeof(TokenizeVerb), typeof(TraceVerb),
        typeof(BenchVerb), typeof(ProfileVerb), typeof(DataVerb), typeof(LabelVerb), typeof(PruneVerb), typeof(TrainVerb),
        typeof(TrainReportVerb), typeof(AnalyzeVerb), typeof(EvalVerb), typeof(EvalMergeVerb), typeof(CompareVerb),
        typeof(GradeVerb),
    ];

    /// <summary>The verb's name, as it is typed.</summary>
    public static string NameOf(Type verb) => verb.GetCustomAttribute<VerbAttribute>()!.Name;

    /// <summary>The type of a verb by its name, or null.</summary>
    public static Type? Find(string name) => Array.Find(Verbs, verb => NameOf(verb) == name);

    /// <summary>A command line whose verb has two words, as one of the verb's name; any other as it is.</summary>
    public static string[] Joined(string[] args) =>
        args is [var first, var second, .. var rest] && Find($"{first} {second}") is not null ? [$"{first} {second}", .. rest] : args;

    /// <summary>Reads a command line that is no request for help.</summary>
    /// <exception cref="UsageException">It cannot be understood; the message says what is wrong with it.</exception>
    public static Verb Parse(string[] args)
    {
        var type = Find(args[0]) ?? throw new UsageException(NoSuchVerb(args[0]));
        var rewritten = new ArgumentReader(args[0], VerbGrammar.Of(type)).Read(args.AsSpan(1));
        using var parser = CreateParser();
        return parser.ParseArguments([args[0], .. rewritten], type).MapResult(
            (Verb verb) => verb,
            errors => throw new UsageException($"{string.Join(", ", errors.Select(Describe))}; see tah {args[0]} --help"));
    }

    /// <summary>What to say where a verb is expected and something else stands.</summary>
    public static string NoSuchVerb(string given)
    {
        var names = Verbs.Select(NameOf).ToList();
        if (given.StartsWith('-')) return $"{given} stands where a verb is expected: {string.Join(", ", names)}";
        return given.Contains(' ')
            ? "a verb comes first; a question is asked with: tah generate \"...\""
            : $"there is no verb '{given}'{NearestName.Question(given, names)}";
    }

    /// <summary>The library's parser, which prints nothing itself.</summary>
    public static Parser CreateParser() => new(settings =>
    {
        settings.HelpWriter = null;
        settings.EnableDashDash = true;
        settings.AllowMultiInstance = true;
        settings.ParsingCulture = CultureInfo.InvariantCulture;
    });

    private static string Describe(Error error) => error switch
    {
        MissingRequiredOptionError { NameInfo.LongName: { Length: > 0 } name } => $"--{name} is missing",
        MissingRequiredOptionError => "an argument is missing",
        NamedError { NameInfo.LongName: { Length: > 0 } name } => $"--{name} has a value that cannot be used",
        TokenError { Token: var token } => $"'{token}' cannot be understood",
        _ => $"the command line cannot be understood ({error.Tag})",
    };
}
