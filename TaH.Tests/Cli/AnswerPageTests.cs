using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>tah generate --report: a page with every token of prompts and answers.</summary>
public sealed class AnswerPageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void A_browser_shows_every_token_of_every_answer()
    {
        var (page, prompts) = (_directory.At("answers.html"), _directory.At("prompts.txt"));
        File.WriteAllLines(prompts, [CommandRun.Question, "What is 12 * 31?"]);
        var run = CommandRun.Of("generate", "--prompts-file", prompts, "--device", "cpu", "--temperature", "0", "--report", page, "--json");
        var answers = run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Contains("answers.html: open it in a browser", run.Error);
        Assert.DoesNotMatch(@"\{\{|(?:src|href)\s*=|https?:|@import|url\(", File.ReadAllText(page));
        var (document, console) = Browser.Open(page);
        Assert.Equal("", console);
        var tokens = answers.Sum(answer => answer.GetProperty("prompt").GetProperty("ids").GetArrayLength() + answer.GetProperty("tokens").GetArrayLength());
        Assert.Equal(tokens, Regex.Matches(document, "data-t=").Count);
        var deep = answers.Sum(answer => answer.GetProperty("tokens").EnumerateArray().Count(token => token.GetProperty("iterations").GetInt32() > 1)
            + answer.GetProperty("prompt").GetProperty("iterations").EnumerateArray().Count(passes => passes.GetInt32() > 1));
        Assert.True(deep > 0);
        Assert.Equal(deep, Regex.Matches(document, "class=\"deep").Count);
        Assert.Contains("Answer 2", document);
    }

    [Fact]
    public void A_page_that_cannot_be_written_is_refused_before_the_answer() =>
        Assert.Contains("there is no directory", CommandRun.Of("generate", "hi", "--report", _directory.At("no/page.html")).FailedWith(2));

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
