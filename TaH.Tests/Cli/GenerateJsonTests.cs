using System.Text.Json;

namespace TaH.Tests;

/// <summary>The contract of <c>tah generate --json</c>: names, types, and the official code's answers in them.</summary>
[Collection(DeviceCollection.Name)]
public class GenerateJsonTests
{
    private const string Question = CommandRun.Question;

    [Fact]
    public void Standard_output_is_one_object_with_these_names_and_types()
    {
        var root = Answer("generate", Question, "--json", "--device", "cpu", "--temperature", "0");
        Assert.Equal(["model", "device", "prompt", "tokens", "text", "finish_reason", "usage", "timing"], Names(root));
        Assert.Equal(["path", "kind", "dtype", "max_iter", "threshold"], Names(root.GetProperty("model")));
        Assert.Equal(["kind", "name"], Names(root.GetProperty("device")));
        Assert.Equal(["ids", "iterations"], Names(root.GetProperty("prompt")));
        Assert.Equal(["prompt_tokens", "completion_tokens", "average_iterations", "guesses", "guesses_held"], Names(root.GetProperty("usage")));
        Assert.Equal(["load_ms", "first_token_ms", "prefill_tokens_per_s", "decode_tokens_per_s"], Names(root.GetProperty("timing")));
        foreach (var token in root.GetProperty("tokens").EnumerateArray())
        {
            Assert.Equal(["id", "text", "iterations", "continue_probability"], Names(token));
            Assert.Equal(JsonValueKind.String, token.GetProperty("text").ValueKind);
            Assert.InRange(token.GetProperty("iterations").GetInt32(), 1, 2);
            Assert.InRange(token.GetProperty("continue_probability").GetDouble(), 0, 1);
        }
        foreach (var time in root.GetProperty("timing").EnumerateObject()) Assert.True(time.Value.GetDouble() > 0, time.Name);
    }

    [Fact]
    public void Its_values_are_the_models_the_prompts_and_the_answers()
    {
        var root = Answer("generate", Question, "--json", "--device", "cpu", "--temperature", "0", "--model", Golden.TinyModel);
        var model = root.GetProperty("model");
        Assert.Equal(Golden.TinyModel, model.GetProperty("path").GetString());
        Assert.Equal("tah", model.GetProperty("kind").GetString());
        Assert.Equal("bf16", model.GetProperty("dtype").GetString());
        Assert.Equal(2, model.GetProperty("max_iter").GetInt32());
        Assert.Equal(0.8984375, model.GetProperty("threshold").GetDouble()); // 0.9 in bf16, exactly
        Assert.Equal("cpu", root.GetProperty("device").GetProperty("kind").GetString());
        var text = CommandRun.Of("generate", Question, "--device", "cpu", "--temperature", "0", "--model", Golden.TinyModel).Succeeded();
        Assert.Equal(text, root.GetProperty("text").GetString() + "\n");
        Assert.Equal("stop", root.GetProperty("finish_reason").GetString());
        var usage = root.GetProperty("usage");
        Assert.Equal(root.GetProperty("prompt").GetProperty("ids").GetArrayLength(), usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(root.GetProperty("prompt").GetProperty("iterations").GetArrayLength(), usage.GetProperty("prompt_tokens").GetInt32());
        var iterations = Ints(root.GetProperty("tokens"), "iterations");
        Assert.Equal(iterations.Length, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(iterations.Average(), usage.GetProperty("average_iterations").GetDouble(), precision: 3);
    }

    // Three that the model solves. The engine's own tests run all forty.
    public static TheoryData<int, string, string> GoldenCases() => new()
    {
        { 4, "decider", "decider" },
        { 12, "decider", "decider" },
        { 36, "decider", "decider" },
        { 12, "never", "never" },
        { 36, "always", "always2" },
    };

    [Theory, MemberData(nameof(GoldenCases))]
    public void Tokens_equal_the_official_ones(int problem, string policy, string golden)
    {
        var (prompt, answers) = Golden.TinyGreedy()[problem];
        var ids = string.Join(',', prompt);
        var root = Answer(
            "generate", "--ids", ids, "--json", "--temperature", "0", "--policy", policy, "--max-tokens", "400", "--device", "cpu", "--model", Golden.TinyModel);
        Assert.Equal(prompt, Ints(root.GetProperty("prompt").GetProperty("ids")));
        Assert.Equal(answers[golden].PromptIterations, Ints(root.GetProperty("prompt").GetProperty("iterations")));
        Assert.Equal(answers[golden].Tokens, Ints(root.GetProperty("tokens"), "id"));
        Assert.Equal(answers[golden].Iterations[..answers[golden].Tokens.Length], Ints(root.GetProperty("tokens"), "iterations"));
        Assert.Equal(answers[golden].Text, root.GetProperty("text").GetString());
        var kinds = root.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("continue_probability").ValueKind).Distinct();
        Assert.Equal([policy == "decider" ? JsonValueKind.Number : JsonValueKind.Null], kinds);
    }

    [Fact]
    public void A_cut_answer_says_length()
    {
        var root = Answer("generate", Question, "--json", "--device", "cpu", "-n", "3");
        Assert.Equal("length", root.GetProperty("finish_reason").GetString());
        Assert.Equal(3, root.GetProperty("tokens").GetArrayLength());
    }

    [Fact]
    public void Without_a_tokenizer_there_are_ids_and_no_text()
    {
        var model = Golden.ParityCheckpoint("a_tied");
        var root = Answer("generate", "--ids", "5,17,3", "--json", "--device", "cpu", "-n", "4", "--ignore-eos", "--model", model);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("text").ValueKind);
        Assert.Equal(4, root.GetProperty("tokens").GetArrayLength());
        Assert.All(root.GetProperty("tokens").EnumerateArray(), token => Assert.Equal(JsonValueKind.Null, token.GetProperty("text").ValueKind));
    }

    [Fact]
    public void A_directory_without_TaH_parts_is_a_plain_model()
    {
        using var plain = new TemporaryDirectory(Golden.TinyModel);
        Directory.Delete(plain.At("lora"), recursive: true);
        File.Delete(plain.At("tah_config.json"));
        File.Delete(plain.At("iter_decider.bin"));
        var root = Answer("generate", "--ids", "538,277,198", "--json", "--device", "cpu", "-n", "5", "--model", plain.Path);
        var model = root.GetProperty("model");
        Assert.Equal("plain", model.GetProperty("kind").GetString());
        Assert.Equal(1, model.GetProperty("max_iter").GetInt32());
        Assert.Equal(JsonValueKind.Null, model.GetProperty("threshold").ValueKind);
        Assert.All(Ints(root.GetProperty("tokens"), "iterations"), count => Assert.Equal(1, count));
        var run = CommandRun.Of("generate", "hi", "--device", "cpu", "--model", plain.Path, "--policy", "decider");
        Assert.Contains("no trained decider", run.FailedWith(2));
    }

    [Fact]
    public void The_threshold_in_force_is_the_one_asked_for()
    {
        var root = Answer("generate", Question, "--json", "--device", "cpu", "--threshold", "1", "-n", "8");
        Assert.Equal(1, root.GetProperty("model").GetProperty("threshold").GetDouble());
        Assert.All(Ints(root.GetProperty("tokens"), "iterations"), count => Assert.Equal(1, count));
    }

    [Fact]
    public void The_same_seed_gives_the_same_answer_and_another_one_another()
    {
        string Sampled(string seed) => CommandRun.Of(
            "generate", Question, "--device", "cpu", "--temp", "5", "--top-k", "0", "--top-p", "1", "-n", "30", "--seed", seed).Succeeded();
        Assert.Equal(Sampled("1"), Sampled("1"));
        Assert.NotEqual(Sampled("1"), Sampled("2"));
    }

    private static JsonElement Answer(params string[] args)
    {
        var output = CommandRun.Of(args).Succeeded();
        Assert.Equal(output.Length - 1, output.IndexOf('\n'));
        return JsonDocument.Parse(output).RootElement;
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static int[] Ints(JsonElement numbers) => [.. numbers.EnumerateArray().Select(number => number.GetInt32())];

    private static int[] Ints(JsonElement tokens, string name) => [.. tokens.EnumerateArray().Select(token => token.GetProperty(name).GetInt32())];
}
