namespace TaH.Tests;

public class TaskFileTests
{
    private const string Least = "data: d.jsonl\nprompt: \"Q: {question}\"\ngrader: exact\n";

    [Fact]
    public void A_file_needs_three_keys_and_the_rest_is_official()
    {
        var task = TaskFile.Parse(Least, "mine.yaml");
        Assert.Equal(("mine", "d.jsonl", "id", "answer", TaskGrader.Exact), (task.Name, task.Data, task.IdField, task.AnswerField, task.Grader));
        Assert.Equal((true, 4096, new SamplingSettings { Temperature = 0.6f, TopP = 0.95f, TopK = 20, MinP = 0 }), (task.Thinking, task.MaxNewTokens, task.Sampling));
        Assert.Equal(["question", "answer"], task.Fields);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var task = TaskFile.Parse(
            "name: n\ndescription: d\ndata: d\nsource: s\nfields: {id: key, answer: gold}\nprompt: \"{a} {{b}} {c}\"\nprefill: \"x\\n\"\ngrader: latex\n"
            + "thinking: false\nsampling: {temperature: 0, top_p: 0.5, top_k: 7, min_p: 0.1}\nmax_new_tokens: 9\n", "f.yaml");
        Assert.Equal(("n", "d", "s", "key", "gold", "x\n", TaskGrader.Latex), (task.Name, task.Description, task.Source, task.IdField, task.AnswerField, task.Prefill, task.Grader));
        Assert.Equal((false, 9, new SamplingSettings { Temperature = 0, TopP = 0.5f, TopK = 7, MinP = 0.1f }), (task.Thinking, task.MaxNewTokens, task.Sampling));
        Assert.Equal("A {b} C", task.Prompt.Fill(field => field.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("", "mine.yaml: holds no task; the keys name, data, prompt and grader were expected")]
    [InlineData("data: d\nprompt: \"{q}\"\n", "mine.yaml: grader: is missing")]
    [InlineData("prompt: \"{q}\"\ngrader: exact\n", "mine.yaml: data: is missing")]
    [InlineData("data: d\ngrader: exact\n", "mine.yaml: prompt: is missing")]
    [InlineData(Least + "promt: x\n", "mine.yaml: line 4: promt: is not a key of a task file")]
    [InlineData("data: d\nprompt: q\ngrader: latx\n", "mine.yaml: line 3: grader: is \"latx\"; exact, expr, latex, string, humaneval, humaneval_plus, mbpp, mbpp_plus are there")]
    [InlineData("data: d\nprompt: \"{q\"\ngrader: exact\n", "mine.yaml: line 2: prompt: has a brace at character 1 that begins or ends no field; {{ and }} are braces")]
    [InlineData("data: d\nprompt: \"{}\"\ngrader: exact\n", "mine.yaml: line 2: prompt: has a brace at character 1 that begins or ends no field; {{ and }} are braces")]
    [InlineData(Least + "max_new_tokens: 0\n", "mine.yaml: line 4: max_new_tokens: is \"0\", a whole number of at least 1 was expected")]
    [InlineData(Least + "sampling: {top_p: 2}\n", "mine.yaml: line 4: sampling.top_p: is \"2\", a number from 0 to 1 was expected")]
    [InlineData(Least + "name: a/b\n", "mine.yaml: line 4: name: is \"a/b\"; letters, digits and _-.+ were expected")]
    public void What_is_wrong_is_said_with_line_and_key(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<BadFileException>(() => TaskFile.Parse(text, "mine.yaml")).Message);

    [Fact]
    public void Yaml_that_is_none_is_a_bad_file() =>
        Assert.StartsWith("mine.yaml: line 2: is no YAML: ", Assert.Throws<BadFileException>(() => TaskFile.Parse("a: [", "mine.yaml")).Message);
}
