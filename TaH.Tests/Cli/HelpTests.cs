using System.Text.RegularExpressions;
using TaH.Cli;

namespace TaH.Tests;

public class HelpTests
{
    public static TheoryData<string> Verbs() => [.. VerbParser.Verbs.Select(VerbParser.NameOf)];

    [Fact]
    public void The_overview_is_as_expected() => Expectation.Equals("overview", CommandRun.Of().Succeeded());

    [Theory, MemberData(nameof(Verbs))]
    public void The_page_of_each_verb_is_as_expected(string verb) => 
        Expectation.Equals(verb.Replace(' ', '-'), CommandRun.Of([.. verb.Split(' '), "--help"]).Succeeded());

    [Theory, MemberData(nameof(Verbs))]
    public void Every_way_to_ask_gives_the_same_page(string verb)
    {
        var words = verb.Split(' ');
        var page = CommandRun.Of([.. words, "--help"]).Succeeded();
        Assert.Equal(page, CommandRun.Of(["help", .. words]).Succeeded());
        Assert.Equal(page, CommandRun.Of([.. words, "-h"]).Succeeded());
        Assert.Equal(page, CommandRun.Of([.. words, "--verbose", "--help"]).Succeeded());
    }

    /// <summary>What a page shows can be typed: the library that writes the examples and the reader of arguments agree.</summary>
    [Theory, MemberData(nameof(Verbs))]
    public void Its_examples_can_be_parsed(string verb)
    {
        var page = CommandRun.Of([.. verb.Split(' '), "--help"]).Succeeded();
        var examples = page.Split('\n').Where(line => line.StartsWith("  tah " + verb, StringComparison.Ordinal)).ToList();
        Assert.True(examples.Count > 0 || verb == "devices");
        foreach (var line in examples) Assert.IsAssignableFrom<Verb>(VerbParser.Parse(VerbParser.Joined(Words(line)[1..])));
    }

    [Fact]
    public void The_version_is_one_line() => Assert.Matches(@"^tah \d+\.\d+\.\d+\n$", CommandRun.Of("--version").Succeeded());

    /// <summary>Two ways to write an option would hide a difference between them.</summary>
    [Fact]
    public void Help_behind_two_dashes_is_a_prompt() => Assert.IsType<GenerateVerb>(VerbParser.Parse(["generate", "--", "--help"]));

    /// <summary>The words of a command line, as a shell parts them.</summary>
    private static string[] Words(string line) => [.. Regex.Matches(line, "\"([^\"]*)\"|\\S+").Select(match => match.Value.Trim('"'))];
}
