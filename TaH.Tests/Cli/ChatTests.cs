using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>Chats from a script on standard input.</summary>
[Collection(DeviceCollection.Name)]
public class ChatTests
{
    private const string First = CommandRun.Question;
    private const string Second = "Take 8. Subtract 6. Subtract 3. Keep only the last digit. What is left?";

    /// <summary>The answer to the first question.</summary>
    private static string FirstAnswer => field ??= CommandRun.Of("generate", First, "--device", "cpu").Succeeded();

    private static CommandRun Chat(params string[] lines) => CommandRun.WithInput(string.Join('\n', lines) + "\n", "chat", "--device", "cpu");

    [Fact]
    public void The_first_answer_is_that_of_generate() =>
        Assert.Equal(FirstAnswer, Chat(First).Succeeded());

    [Fact]
    public void The_next_turn_prefills_only_what_is_new_and_answers_as_if_it_were_all()
    {
        var run = Chat(First, Second);
        var raw = $"{Framed(First)}{FirstAnswer.TrimEnd('\n')}<|im_end|>\n{Framed(Second)}";
        Assert.Equal(FirstAnswer + CommandRun.Of("generate", "--raw", raw, "--device", "cpu").Succeeded(), run.Succeeded());
        var turns = run.Error.Split('\n').Where(line => line.Contains("prefilled")).Select(Prefilled).ToList();
        Assert.Equal(2, turns.Count);
        Assert.Equal(turns[0].All, turns[0].Prefilled);
        // The answer's end, and the new question with its frame.
        var frame = Tokenizer.Open(Golden.TinyModel).Encode($"<|im_end|>\n{Framed(Second)}").Length;
        Assert.Equal(frame, turns[1].Prefilled);
        Assert.True(turns[1].All > turns[0].All + frame);
    }


    [Fact]
    public void Clear_forgets_the_conversation()
    {
        var run = Chat(First, "/clear", First);
        Assert.Equal(FirstAnswer + FirstAnswer, run.Succeeded());
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.Contains("prefilled") && Prefilled(line) is var turn && turn.All == turn.Prefilled));
    }

    [Fact]
    public void Settings_hold_from_the_next_answer_on()
    {
        var lines = string.Join('\n', "/threshold 1", First, "/threshold 0", First, "/depth 1", First, "/think off", First, "");
        var run = CommandRun.WithInput(lines, "chat", "--device", "cpu", "-n", "4");
        var turns = run.Error.Split('\n').Where(line => line.Contains("prefilled")).ToList();
        Assert.Equal(["1.00", "2.00", "1.00", "1.00"], turns.Select(turn => Regex.Match(turn, @"([\d.]+) iterations a token").Groups[1].Value));
        Assert.Equal(3, Regex.Count(run.Succeeded(), "<think>"));
    }

    [Fact]
    public void One_is_one()
    {
        using var directory = new TemporaryDirectory();
        var lines = $"/system Be brief.\n/save {directory.At("chat.json")}\n/depth 1\n{First}\n";
        var run = CommandRun.WithInput(lines, "chat", "--device", "cpu", "-n", "1");
        run.Succeeded();
        Assert.Contains("saved 1 message to", run.Error);
        Assert.Contains("at most 1 pass\n", run.Error);
        Assert.Contains("1 token, ", run.Error);
        var trace = CommandRun.Of("trace", "--ids", "5", "--policy", "never", "--device", "cpu", "--out", directory.At("t.safetensors"));
        trace.Succeeded();
        Assert.Contains("1 token, 1 pass,", trace.Error);
    }

    [Fact]
    public void Save_writes_the_messages_as_JSON()
    {
        using var directory = new TemporaryDirectory();
        var answer = Chat("/system Be brief.", First, $"/save {directory.At("chat.json")}").Succeeded();
        var messages = JsonDocument.Parse(File.ReadAllBytes(directory.At("chat.json"))).RootElement;
        string[] Texts(string name) => [.. messages.EnumerateArray().Select(message => message.GetProperty(name).GetString()!)];
        Assert.Equal(["system", "user", "assistant"], Texts("role"));
        Assert.Equal(["Be brief.", First, answer.TrimEnd('\n')], Texts("content"));
    }

    [Fact]
    public void Exit_leaves_and_help_lists_every_command()
    {
        var run = Chat("/help", "/exit", First);
        Assert.Empty(run.Succeeded());
        string[] commands = ["/clear", "/system TEXT", "/think on|off", "/threshold X", "/depth N", "/save FILE", "/help", "/exit"];
        foreach (var command in commands) Assert.Contains(command, run.Error);
    }

    public static TheoryData<string, string> Mistakes() => new()
    {
        { "/claer", "there is no command /claer; did you mean /clear? (/help lists them)" },
        { "/think perhaps", "/think is on or off, not 'perhaps'" },
        { "/threshold 2", "the threshold must be between 0 and 1, not 2" },
        { "/threshold high", "/threshold takes a number, not 'high'" },
        { "/depth 3", "/depth is 1 to 2 here, not '3'; tah chat --max-iter makes room for more" },
        { "/depth", "/depth needs an argument: /depth N" },
        { "/clear all", "/clear takes no argument" },
        { "/save no/such/directory/chat.json", $"/save no/such/directory/chat.json: there is no directory {Path.GetFullPath("no/such/directory")}" },
        { "/save .", "/save . is a directory; name a file" },
        { "/save /dev/null", "/save /dev/null is a device; name a file" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_remarked_and_the_chat_goes_on(string line, string sentence)
    {
        var script = Chat(line, First);
        Assert.StartsWith(sentence, script.FailedWith(2));
        Assert.Equal(FirstAnswer, script.Out);
        var person = CommandRun.Prepare(new StringReader($"{line}\n/exit\n"), isPerson: true).Run("chat", "--device", "cpu");
        person.Succeeded();
        Assert.Contains("error: " + sentence, person.Error);
    }

    [Fact]
    public void A_conversation_over_the_limit_can_be_cleared()
    {
        var lines = new StringReader($"{First}\n{Second}\n/clear\n{Second}\n/exit\n");
        var run = CommandRun.Prepare(lines, isPerson: true).Run("chat", "--device", "cpu", "--ctx-size", "70");
        run.Succeeded();
        Assert.Contains("the context holds 70; /clear makes room", run.Error);
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.Contains("prefilled")));
    }

    [Fact]
    public void A_chat_needs_a_tokenizer() => Assert.Contains("has no tokenizer.json",
        CommandRun.WithInput("hi\n", "chat", "--device", "cpu", "--model", Golden.ParityCheckpoint("a_tied")).FailedWith(2));

    /// <summary>A question as the tiny model's chat template frames it.</summary>
    private static string Framed(string question) => $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n";

    private static (int Prefilled, int All) Prefilled(string line)
    {
        var match = Regex.Match(line, @"prefilled (\d+) of (\d+)$");
        return (int.Parse(match.Groups[1].Value), int.Parse(match.Groups[2].Value));
    }
}
