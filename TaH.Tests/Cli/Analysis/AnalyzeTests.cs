using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>tah analyze: tables, one JSON object, and a page with the same numbers.</summary>
public sealed class AnalyzeTests : IDisposable
{
    private static readonly string HeldOut = Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "heldout-labelled.jsonl");

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void The_tables_answer_each_question()
    {
        var text = Analyze("--rows", "12", "--thresholds", "0.5,0.9").Succeeded();
        foreach (var title in (string[])["reference", "decider 0.9", "the decider by threshold", "decisions at threshold 0.9", "tokens that iterate most (decider)",
            "tokens in front of which most iterate", "what further passes change", "mean entropy in nats", "measured, 12 rows run as requests"])
            Assert.Contains(title, text);
        Assert.Contains("tokens of 12 rows, each predicted from the text before it", text);
    }

    [Fact]
    public void The_page_stands_alone_and_holds_what_json_says()
    {
        var page = _directory.At("page.html");
        var run = Analyze("--rows", "5", "--texts", "2", "--report", page, "--json");
        using var json = JsonDocument.Parse(run.Succeeded());
        Assert.EndsWith("page.html: open it in a browser\n", run.Error);
        var html = File.ReadAllText(page);
        Assert.DoesNotContain("{{", html);
        Assert.DoesNotMatch(@"(?:src|href)\s*=|https?:|@import|url\(", html);
        using var data = JsonDocument.Parse(Regex.Match(html, "id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value);
        Assert.True(JsonElement.DeepEquals(json.RootElement, data.RootElement));
        Assert.Equal(5, data.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal(2, data.RootElement.GetProperty("texts").GetArrayLength());
        Assert.Equal(11, data.RootElement.GetProperty("sweep").GetArrayLength());
    }

    [Fact]
    public void A_browser_draws_every_part_of_the_page()
    {
        var page = _directory.At("page.html");
        Analyze("--rows", "40", "--texts", "2", "--report", page).Succeeded();
        var (document, console) = Browser.Open(page);
        Assert.Equal("", console);
        string Part(string id) => Regex.Match(document, $"id=\"{id}\".*?(?=</section>)", RegexOptions.Singleline).Value;
        Assert.Equal(5, Regex.Matches(document, "class=\"card\"").Count);
        Assert.Equal(12, Regex.Matches(Part("sweep"), "<circle").Count);
        Assert.Equal(33, Regex.Matches(Part("found"), "<circle").Count);
        Assert.Equal(6, Regex.Matches(Part("flips"), "<rect").Count);
        Assert.True(Regex.Matches(Part("entropy"), "<rect").Count >= 12);
        foreach (var table in (string[])["policies", "decisions", "changes", "tokens", "cost"]) Assert.Contains("</td>", Part(table));
        Assert.True(Regex.Matches(Part("texts"), "data-t=").Count > 100);
        Assert.DoesNotMatch("NaN|undefined", document);
    }

    [Theory]
    [InlineData("--thresholds is 1.5", "a threshold lies between 0 and 1, not at 1.5", "--thresholds", "1.5")]
    [InlineData("no number", "--thresholds takes numbers like 0.5,0.9, not 'half'", "--thresholds", "half")]
    [InlineData("too few", "--rows is 1 or more, not 0", "--rows", "0")]
    [InlineData("no text", "--texts is 0 or more, not -1", "--texts", "-1")]
    public void A_number_that_cannot_be_is_refused(string what, string sentence, string option, string value)
    {
        Assert.NotEmpty(what);
        Assert.Contains(sentence, Analyze(option, value).FailedWith(2));
    }

    [Fact]
    public void A_page_that_cannot_be_written_is_refused_before_the_work() =>
        Assert.Contains("is a directory; name a file", Analyze("--report", Path.GetTempPath()).FailedWith(2));

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private static CommandRun Analyze(params string[] options) =>
        CommandRun.Of(["analyze", "--model", Golden.TinyModel, "--data", HeldOut, "--device", "cpu", .. options]);
}
