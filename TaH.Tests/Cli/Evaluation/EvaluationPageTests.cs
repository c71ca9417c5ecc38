using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>tah eval --report: scores, settings and every sample on one page.</summary>
public sealed class EvaluationPageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void A_browser_shows_scores_samples_and_the_tokens_of_an_answer()
    {
        var (data, page) = (_directory.At("gsm8k.jsonl"), _directory.At("page.html"));
        File.WriteAllLines(data, Enumerable.Range(1, 5).Select(number =>
            JsonSerializer.Serialize(new { id = $"p{number}", question = $"What is {number} + 20?", answer = $"{number + 20}" })));
        var run = CommandRun.Of(
            "eval", "--tasks", "gsm8k", "--data", _directory.At(""), "--model", Golden.TinyModel, "--device", "cpu", "--out", _directory.At("run"),
            "--samples", "2", "-n", "24", "--keep-tokens", "--report", page, "--json");
        using var json = JsonDocument.Parse(run.Succeeded());
        Assert.Contains("page.html: open it in a browser", run.Error);
        Assert.DoesNotMatch(@"\{\{|(?:src|href)\s*=|https?:|@import|url\(", File.ReadAllText(page));
        var (document, console) = Browser.Open(page);
        Assert.Equal("", console);
        string Part(string id) => Regex.Match(document, $"id=\"{id}\".*?</(?:table|svg|section)>", RegexOptions.Singleline).Value;
        Assert.Contains("<td>10</td>", Part("scores"));
        Assert.Equal(10, Regex.Matches(Part("samples"), "<tr data-i").Count);
        Assert.Equal(10, Regex.Matches(Part("dots"), "<circle").Count);
        Assert.Equal(2, Regex.Matches(Part("bars"), "<rect").Count);
        Assert.InRange(Regex.Matches(document, "data-t=").Count, 1, 24);
        Assert.Contains("max_new_tokens", document);
        Assert.DoesNotMatch("NaN|undefined", document);
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
