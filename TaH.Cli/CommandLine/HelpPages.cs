using System.Reflection;
using CommandLine.Text;

namespace TaH.Cli;

/// <summary>The overview, the page of each verb, and the version.</summary>
internal static class HelpPages
{
    private const int Width = 120;
    private static readonly string[] Help = ["--help", "-h", "-?", "help"];

    /// <summary>The program's version.</summary>
    public static string Version { get; } = $"tah {typeof(HelpPages).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>The page that a command line asks for, or null where it asks for something to be done.</summary>
    /// <exception cref="UsageException">Help is asked about a verb that is not there.</exception>
    public static string? Find(string[] args) => args switch
    {
        [] => Overview(),
        ["--version" or "-V" or "version"] => Version,
        [var word] when Help.Contains(word) => Overview(),
        ["help" or "--help" or "-h", .. var rest] => PageOf(VerbParser.Joined(rest)[0]),
        [var verb, .. var rest] when rest.TakeWhile(arg => arg != "--").Any(arg => arg is "--help" or "-h") => PageOf(verb),
        _ => null,
    };

    private static string Overview()
    {
        var verbs = VerbParser.Verbs.Select(verb => $"  {VerbParser.NameOf(verb),-12} {verb.GetCustomAttribute<VerbAttribute>()!.HelpText}");
        return $"""
            {Version}: runs Think-at-Hard language models, which take a second look at hard tokens.

            Try it with the model that comes with the program:
              tah generate "Add up 26 64 67 81."

            Verbs:
            {string.Join(Environment.NewLine, verbs)}

            tah VERB --help shows a verb's options with examples.
            """;
    }

    private static string PageOf(string name)
    {
        var verb = VerbParser.Find(name) ?? throw new UsageException(VerbParser.NoSuchVerb(name));
        using var parser = VerbParser.CreateParser();
        var result = parser.ParseArguments([name, "--help"], verb);
        var help = HelpText.AutoBuild(result, page => Lay(page, verb), example => example, verbsIndex: false, Width);
        var lines = help.ToString().Split(['\n'], StringSplitOptions.None).Select(line => line.TrimEnd());
        return string.Join(Environment.NewLine, lines).Trim();
    }

    private static HelpText Lay(HelpText page, Type verb)
    {
        page.Heading = $"tah {VerbParser.NameOf(verb)}: {verb.GetCustomAttribute<VerbAttribute>()!.HelpText}";
        page.Copyright = string.Empty;
        page.AdditionalNewLineAfterOption = false;
        page.AddNewLineBetweenHelpSections = true;
        page.AutoVersion = false;
        return page;
    }
}
