using System.IO.Compression;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace TaH.Tests;

public sealed class ProblemReaderTests : IDisposable
{
    private const string Lines = "{\"id\":\"a\",\"question\":\"one\",\"answer\":\"1\"}\n\n{\"id\":7,\"question\":\"two\",\"answer\":2.50}\n{\"question\":\"three\",\"answer\":\"3\"}\n";

    private static readonly EvaluationTask Mine = TaskFile.Parse("name: t\ndata: d\nprompt: \"Q {question}\"\ngrader: exact\nsource: a far place\n", "t.yaml");

    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("d.jsonl", false)]
    [InlineData("d.jsonl.gz", true)]
    [InlineData("d.json", false)]
    [InlineData("d.json.gz", true)]
    public void Lines_and_arrays_are_read_packed_or_not(string name, bool isPacked)
    {
        var text = name.Contains("jsonl") ? Lines : "\n[" + Lines.TrimEnd().Replace("\n\n", ",").Replace("\n", ",") + "]";
        Write(name, isPacked ? Packed(text) : Encoding.UTF8.GetBytes(text));
        Assert.Equal(
            [("a", "Q one", "1", 0), ("7", "Q two", "2.50", 1), ("t_2", "Q three", "3", 2)],
            Read().Select(problem => (problem.Id, problem.Question, problem.Gold, problem.Number)));
        Assert.Equal(["a", "7"], Read(limit: 2).Select(problem => problem.Id));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Parquet_is_read(bool isPacked)
    {
        await WriteParquet();
        if (isPacked)
        {
            Write("d.parquet.gz", Packed(File.ReadAllBytes(_directory.At("d.parquet"))));
            File.Delete(_directory.At("d.parquet"));
        }
        Assert.Equal([("1", "Q one", "27"), ("2", "Q two", "0.5")], Read().Select(problem => (problem.Id, problem.Question, problem.Gold)));
    }

    [Fact]
    public void Rows_for_code_graders_are_kept_as_they_are()
    {
        const string Row = "{\"id\":\"c\",\"prompt\":\"NaN \\\"Infinity\",\"inputs\":[NaN,-Infinity,9223372036854775808123,1.0]}";
        Write("d.jsonl", Encoding.UTF8.GetBytes(Row + "\n"));
        var task = TaskFile.Parse("data: d\nprompt: \"{prompt}\"\ngrader: mbpp_plus\n", "t.yaml");
        var problem = Assert.Single(ProblemReader.Read(task, TaskDataFile.Find(task, _directory.Path), null));
        Assert.Equal(("NaN \"Infinity", Row), (problem.Question, Encoding.UTF8.GetString(problem.Row.Span)));
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"question\":\"q\",\"answer\":\"1\"}\n{\"id\":\"a\",\"question\":\"q\",\"answer\":\"1\"}\n", "line 2, id: is \"a\", as in line 1; every problem needs its own")]
    [InlineData("{\"id\":\"a\",\"question\":\"q\",\"answer\":\"1\"}\n{\"id\":\"b\",\"question\"\n", "line 2: is not a JSON object")]
    [InlineData("\n5\n", "line 2: is JSON, but not an object")]
    [InlineData("{\"id\":\"a\",\"question\":\"q\"}\n", "line 1, answer: is missing")]
    [InlineData("{\"id\":\"a\",\"answer\":\"q\"}\n", "line 1, question: is missing")]
    [InlineData("{\"id\":\"a\",\"question\":{},\"answer\":\"q\"}\n", "line 1, question: is no text, number or list of texts")]
    [InlineData("{\"id\":\"a\",\"question\":\"q\",\"answer\":\" \"}\n", "line 1, answer: is empty; there is nothing to judge answers by")]
    [InlineData("{\"id\":\"\",\"question\":\"q\",\"answer\":\"1\"}\n", "line 1, id: is empty")]
    [InlineData("{\"id\":\"a\",\"question\":\"\\ud800\",\"answer\":\"1\"}\n", "line 1, question: has bytes or escapes that are no text")]
    [InlineData("[{\"id\":\"a\",\"question\":\"q\",\"answer\":\"1\"},{\"id\":\"a\",\"question\":\"q\",\"answer\":\"1\"}]", "row 2, id: is \"a\", as in row 1; every problem needs its own")]
    [InlineData("[{]", "line 1: is no JSON array of objects")]
    [InlineData("\n\n", "has no rows; task t needs problems")]
    [InlineData("", "has no rows; task t needs problems")]
    public void What_is_wrong_with_a_row_is_said_with_its_place(string text, string sentence)
    {
        Write("d.jsonl", Encoding.UTF8.GetBytes(text));
        Assert.EndsWith($"d.jsonl: {sentence}", Assert.Throws<BadFileException>(() => Read()).Message);
    }

    [Fact]
    public void A_damaged_packed_file_is_a_bad_file()
    {
        Write("d.jsonl.gz", [.. Packed(Lines)[..40], 1, 2, 3, 4, 5]);
        Assert.Contains("d.jsonl.gz: cannot be unpacked as gzip: ", Assert.Throws<BadFileException>(() => Read()).Message);
    }

    [Fact]
    public void A_missing_file_is_named_with_its_fields_and_origin() => Assert.Equal(
        $"{_directory.At("d.jsonl")}: does not exist (or .jsonl.gz, .json, .json.gz, .parquet, .parquet.gz); task t needs it, with the fields question, answer; "
        + "it comes from a far place", Assert.Throws<BadFileException>(() => Read()).Message);

    public void Dispose() => _directory.Dispose();

    private async Task WriteParquet()
    {
        var (id, question, answer) = (new DataField<long>("id"), new DataField<string>("question"), new DataField<double>("answer"));
        using var stream = File.Create(_directory.At("d.parquet"));
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, question, answer), stream);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<long>(id, new long[] { 1, 2 });
        await group.WriteAsync(question, ["one", "two"]);
        await group.WriteAsync<double>(answer, new[] { 27.0, 0.5 });
    }

    private List<EvaluationProblem> Read(int? limit = null) => ProblemReader.Read(Mine, TaskDataFile.Find(Mine, _directory.Path), limit);

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_directory.At(name), bytes);

    private static byte[] Packed(string text) => Packed(Encoding.UTF8.GetBytes(text));

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest)) zip.Write(bytes);
        return packed.ToArray();
    }
}
