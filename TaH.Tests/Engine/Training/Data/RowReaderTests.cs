using System.Text;
using CsCheck;

namespace TaH.Tests;

/// <summary>Rows of training data are files of users: every form is known by its fields, and what is wrong is said with line and field.</summary>
public sealed class RowReaderTests : IDisposable
{
    private const string Labelled = """{"data_id":7,"real_token":[5,6,7],"mask":[0,true,1],"mismatch":[0,1,0],"else":{"a":[1]}}""";
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Every_form_is_known_by_its_fields()
    {
        var rows = Read(
            Labelled, """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","more":1}],"text":"no"}""", "",
            """{"prompt":"a","response":"b","id":"x"}""", """  {"text":"a","messages":null}  """);
        var labelled = Assert.IsType<LabelledRow>(rows[0]);
        Assert.Equal("7", labelled.Id);
        Assert.Equal([5, 6, 7], labelled.Tokens);
        Assert.Equal([false, true, true], labelled.Mask);
        Assert.Equal<byte>([0, 1, 0], labelled.Mismatch!);
        Assert.Equal([new ChatMessage("user", "a"), new ChatMessage("assistant", "b")], Assert.IsType<ConversationRow>(rows[1]).Messages);
        Assert.Equal(("a", "b", "x"), (Assert.IsType<ResponseRow>(rows[2]).Prompt, ((ResponseRow)rows[2]).Response, rows[2].Id));
        Assert.Equal("a", Assert.IsType<TextRow>(rows[3]).Text);
        Assert.Equal([1L, 2, 4, 5], rows.Select(row => row.Place.Number));
    }

    [Theory]
    [InlineData("[1]", "line 2: is JSON, but not an object")]
    [InlineData("{\"text\":\"a\"", "line 2: is not a JSON object")]
    [InlineData("{\"text\":\"a\"} {}", "line 2: is not a JSON object")]
    [InlineData("{\"text\":\"\\ud800\"}", "line 2: is not a JSON object")]
    [InlineData("{\"text\":5}", "line 2, text: is no string")]
    [InlineData("{\"text\":\"a\",\"text\":\"b\"}", "line 2, text: stands twice")]
    [InlineData("{\"prompt\":\"a\"}", "line 2, response: is missing beside prompt")]
    [InlineData("{\"response\":\"a\"}", "line 2, prompt: is missing beside response")]
    [InlineData("{\"messages\":[]}", "line 2, messages: is empty; a conversation has a turn or more")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "line 2, messages[0].content: is missing")]
    [InlineData("{\"messages\":[5]}", "line 2, messages[0]: is no object with role and content")]
    [InlineData("{\"real_token\":[1,2]}", "line 2, mask: is missing beside real_token")]
    [InlineData("{\"real_token\":[1,2],\"mask\":[1]}", "line 2, mask: has 1 entries, real_token has 2; the lists belong together")]
    [InlineData("{\"real_token\":[1],\"mask\":[1],\"mismatch\":[]}", "line 2, mismatch: has 0 entries, real_token has 1; the lists belong together")]
    [InlineData("{\"real_token\":[1],\"mask\":[2]}", "line 2, mask: entry 0 is 2; 0 or 1 was expected")]
    [InlineData("{\"real_token\":[1,-4],\"mask\":[1,1]}", "line 2, real_token: entry 1 is -4; a token id, 0 or more was expected")]
    [InlineData("{\"real_token\":[1.5],\"mask\":[1]}", "line 2, real_token: entry 0 is no whole number")]
    [InlineData("{\"real_token\":[1],\"mask\":[1],\"mismatch\":[256]}", "line 2, mismatch: entry 0 is 256; 0 to 255 was expected")]
    [InlineData("{\"a\":1}", "line 2: has none of the fields that rows are known by: real_token, messages, prompt and response, text")]
    public void What_is_wrong_is_said_with_line_and_field(string line, string sentence)
    {
        var error = Assert.Throws<BadFileException>(() => Read("{\"text\":\"a\"}", line));
        Assert.Equal($"{Path}: {sentence}", error.Message);
    }

    [Fact]
    public void Lines_of_any_length_and_ending_are_read()
    {
        var longText = new string('x', 200_000);
        File.WriteAllText(Path, $"\uFEFF{{\"text\":\"a\"}}\r\n\r\n{{\"text\":\"{longText}\"}}\n \t\n{{\"text\":\"c\"}}", new UTF8Encoding(false));
        var rows = DataFile.Rows(Path).ToList();
        Assert.Equal(["a", longText, "c"], rows.Select(row => ((TextRow)row).Text));
        Assert.Equal([1L, 3, 5], rows.Select(row => row.Place.Number));
        Assert.Equal(3, DataFile.Count(Path));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.EndsWith("does not exist", Assert.Throws<BadFileException>(() => DataFile.Rows(Path).ToList()).Message);
        Assert.Contains("is a directory", Assert.Throws<BadFileException>(() => DataFile.Rows(_directory.Path).ToList()).Message);
        File.WriteAllText(Path, "");
        Assert.Empty(DataFile.Rows(Path));
    }

    [Fact]
    public void Any_mutation_of_a_line_is_read_or_refused()
    {
        var good = Encoding.UTF8.GetBytes(Labelled);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[3].Sample(
            changes =>
            {
                var bytes = good.ToArray();
                foreach (var (at, value) in changes) bytes[at] = value;
                try
                {
                    var row = (LabelledRow)JsonRows.Parse(new TaH.Engine.RowPlace("f", 1, IsLine: true), bytes);
                    return row.Tokens.Length == row.Mask.Length && (row.Mismatch?.Length ?? row.Mask.Length) == row.Mask.Length;
                }
                catch (BadFileException)
                {
                    return true;
                }
            },
            seed: "0000KOIPe036", iter: 5_000);
    }

    public void Dispose() => _directory.Dispose();

    private string Path => _directory.At("rows.jsonl");

    private List<TrainingRow> Read(params string[] lines)
    {
        File.WriteAllText(Path, string.Join('\n', lines));
        return [.. DataFile.Rows(Path)];
    }
}
