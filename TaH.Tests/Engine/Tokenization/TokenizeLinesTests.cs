using System.Text.Json;

namespace TaH.Tests;

public sealed class TokenizeLinesTests
{
    [Fact]
    public void Gives_ids_and_decoded_text_a_line()
    {
        string[] texts = ["Now u = 26.", "", "two\nlines \"quoted\"", "<|im_start|>é 🙂\u2028"];
        var input = string.Join("\n", texts.Select(text => JsonSerializer.Serialize(text))) + "\n\n";

        var lines = Run(input).ToArray();

        Assert.Equal(texts.Length, lines.Length);
        Assert.Equal("""{"ids":[389,351,256,220,17,21,13],"text":"Now u = 26."}""", lines[0]);
        foreach (var (text, line) in texts.Zip(lines))
        {
            Assert.DoesNotContain('\n', line);
            var result = JsonDocument.Parse(line).RootElement;
            Assert.Equal(TokenizerFixtures.Tiny.Encode(text), result.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
            Assert.Equal(text, result.GetProperty("text").GetString());
        }
    }

    [Theory]
    [InlineData("{", "is not a JSON string")]
    [InlineData("plain words", "is not a JSON string")]
    [InlineData("\"a\" \"b\"", "is not a JSON string")]
    [InlineData("\"\\ud800\"", "is not a JSON string")]
    [InlineData("17", "is JSON, but not a string")]
    [InlineData("[\"a\"]", "is JSON, but not a string")]
    public void A_line_that_is_not_a_JSON_string_is_refused_by_number(string line, string message)
    {
        var results = Run($"\"fine\"\n\n{line}\n").GetEnumerator();
        Assert.True(results.MoveNext());
        var error = Assert.Throws<BadFileException>(() => results.MoveNext());
        Assert.Equal($"prompts.jsonl: line 3: {message}", error.Message);
    }

    private static IEnumerable<string> Run(string input) => new TokenizeLines(TokenizerFixtures.Tiny).Run(new StringReader(input), "prompts.jsonl");
}
