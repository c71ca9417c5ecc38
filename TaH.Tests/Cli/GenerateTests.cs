using System.Text.Json;

namespace TaH.Tests;

/// <summary>What a person sees of <c>tah generate</c>, and where prompts come from.</summary>
[Collection(DeviceCollection.Name)]
public class GenerateTests
{
    private const string Question = CommandRun.Question;
    private const string Orange = "\u001b[1;38;5;214m";

    /// <summary>What the question is answered with.</summary>
    private static string Plain => field ??= CommandRun.Of("generate", Question, "--device", "cpu").Succeeded();

    [Fact]
    public void Without_options_the_shipped_model_solves_an_example()
    {
        var run = CommandRun.Prepare(isPerson: true).Run("generate");
        Assert.Contains("The answer is 2414.", run.Succeeded());
        Assert.Contains("no prompt given, so here is an example: What is 34 * 71?", run.Error);
    }

    [Fact]
    public void In_colors_a_legend_comes_first_and_tokens_of_two_passes_stand_out()
    {
        var run = CommandRun.InColors("generate", Question, "--device", "cpu", "--policy", "always", "-n", "4");
        var lines = run.Succeeded().Split('\n', 2);
        Assert.Equal($"1 pass | {Orange}2 passes\u001b[0m", lines[0]);
        Assert.StartsWith(Orange, lines[1]);
        var never = CommandRun.InColors("generate", Question, "--device", "cpu", "--policy", "never", "-n", "4").Succeeded();
        Assert.DoesNotContain('\u001b', never.Split('\n', 2)[1]);
    }

    [Fact]
    public void Colors_change_nothing_but_colors()
    {
        var colored = CommandRun.InColors("generate", Question, "--device", "cpu").Succeeded();
        Assert.Contains(Orange, colored.Split('\n', 2)[1]);
        Assert.Equal("1 pass | 2 passes\n" + Plain, System.Text.RegularExpressions.Regex.Replace(colored, "\u001b\\[[0-9;]*m", ""));
        Assert.Equal(Plain, CommandRun.InColors("generate", Question, "--device", "cpu", "--no-color").Succeeded());
    }

    [Fact]
    public void Standard_error_names_the_device_and_sums_up()
    {
        var run = CommandRun.Of("generate", Question, "--device", "cpu", "--temperature", "0");
        run.Succeeded();
        var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^device: cpu \(.+\)$", lines[0]);
        Assert.Matches(@"^16 tokens, [\d,.]+ tokens/s, first token [\d,]+ ms, 1\.06 iterations a token, 6\.[23] % iterated, on cpu$", lines[1]);
    }

    [Fact]
    public void A_prompt_comes_from_an_argument_a_file_or_standard_input()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("prompt.txt"), Question + "\n");
        Assert.Equal(Plain, CommandRun.Of(["generate", "--device", "cpu", .. Question.Split(' ')]).Succeeded());
        Assert.Equal(Plain, CommandRun.Of("generate", "--device", "cpu", "-p", Question).Succeeded());
        Assert.Equal(Plain, CommandRun.Of("generate", "--device", "cpu", "--prompt-file", directory.At("prompt.txt")).Succeeded());
        Assert.Equal(Plain, CommandRun.WithInput(Question + "\n", "generate", "--device", "cpu").Succeeded());
        Assert.Equal(Plain, CommandRun.WithInput(Question + "\r\n", "generate", "--device", "cpu", "--prompt-file", "-").Succeeded());
    }

    [Fact]
    public void Raw_text_is_the_chat_format_left_out()
    {
        var raw = $"<|im_start|>user\n{Question}<|im_end|>\n<|im_start|>assistant\n";
        Assert.Equal(Plain, CommandRun.Of("generate", "--raw", raw, "--device", "cpu").Succeeded());
    }

    [Fact]
    public void Thinking_off_opens_with_an_empty_thought() =>
        Assert.DoesNotContain("<think>", CommandRun.Of("generate", Question, "--device", "cpu", "--think", "off", "-n", "8").Succeeded());

    [Fact]
    public void A_stop_string_ends_the_answer_before_it()
    {
        Assert.Contains(" is", Plain);
        var run = CommandRun.Of("generate", Question, "--device", "cpu", "--stop", "never said", "--stop", " is");
        Assert.Equal(Plain[..Plain.IndexOf(" is", StringComparison.Ordinal)] + "\n", run.Succeeded());
    }

    [Fact]
    public void A_cut_answer_says_why() =>
        Assert.Contains("cut off at the length limit", CommandRun.Of("generate", Question, "--device", "cpu", "-n", "3").Error);

    [Theory]
    [InlineData("prompts.txt", false)]
    [InlineData("prompts.jsonl", true)]
    public void A_file_of_prompts_gives_the_answers_of_each_alone(string name, bool isJson)
    {
        string[] questions = [Question, "Add up 26 64 67 81.", "Take 8. Subtract 6. Subtract 3. Keep only the last digit. What is left?"];
        string[] options = ["--json", "--device", "cpu", "-n", "24"];
        using var directory = new TemporaryDirectory();
        File.WriteAllLines(directory.At(name), questions.Select(question => isJson ? JsonSerializer.Serialize(question) : question));
        // Two at a time, so that the third begins beside one that goes on.
        var batch = CommandRun.Of(["generate", "--prompts-file", directory.At(name), "--parallel", "2", .. options]).Succeeded();
        var lines = batch.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(questions.Length, lines.Length);
        foreach (var (question, line) in questions.Zip(lines))
        {
            Assert.Equal(Tokens(CommandRun.Of(["generate", question, .. options]).Succeeded()), Tokens(line));
        }
    }

    [Fact]
    public void A_file_of_prompts_is_answered_under_titles()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("prompts.txt"), $"{Question}\n\nAdd up 26 64 67 81.\n");
        string[] command = ["generate", "--prompts-file", directory.At("prompts.txt"), "--device", "cpu", "-n", "4"];
        var output = CommandRun.Of(command).Succeeded();
        Assert.StartsWith($"[1/2] {Question}\n<think>", output);
        Assert.Contains("\n\n[2/2] Add up 26 64 67 81.\n<think>", output);
        var cramped = CommandRun.Of([.. command, "--ctx-size", "26"]);
        Assert.Equal("prompt 1 has 30 tokens; the context holds 26", cramped.FailedWith(2));
        Assert.Empty(cramped.Out);
    }

    [Fact]
    public void A_line_that_is_no_JSON_string_is_named()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("prompts.jsonl"), "\"fine\"\n{\"not\": \"fine\"}\n");
        var run = CommandRun.Of("generate", "--prompts-file", directory.At("prompts.jsonl"));
        Assert.Contains("line 2: is JSON, but not a string", run.FailedWith(3));
        File.WriteAllBytes(directory.At("bytes.txt"), [0x61, 0xFF, 0xFE]);
        Assert.Contains("is not text in UTF-8", CommandRun.Of("generate", "--prompt-file", directory.At("bytes.txt")).FailedWith(3));
    }

    [Fact]
    public void Ctrl_C_ends_the_answer_and_still_sums_up()
    {
        var run = CommandRun.Prepare();
        using var pressing = new Timer(_ => run.Terminal.Interrupts.Raise(), null, 0, 1);
        run.Run("generate", Question, "--device", "cpu", "--ignore-eos", "-n", "2000");
        Assert.Equal(130, run.ExitCode);
        Assert.EndsWith("; interrupted\n", run.Error);
    }

    [Fact]
    public void Verbose_explains_more_on_standard_error_only()
    {
        var run = CommandRun.Of("generate", Question, "--device", "cpu", "--verbose");
        Assert.Equal(Plain, run.Succeeded());
        Assert.Contains("the decider says which (threshold 0.9)", run.Error);
        Assert.Contains("KV grid:", run.Error);
    }

    private static int[] Tokens(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32())];
}
