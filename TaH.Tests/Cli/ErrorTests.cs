namespace TaH.Tests;

/// <summary>Each mistake on the command line: its exit code and its one sentence.</summary>
[Collection(DeviceCollection.Name)]
public class ErrorTests
{
    public static TheoryData<string, string> UsageMistakes() => new()
    {
        { "genrate", "there is no verb 'genrate'; did you mean generate?" },
        { "--model x generate", "--model stands where a verb is expected: generate, chat, info, devices, pull, tokenize, trace, bench, profile, data, label, prune, train, train report, analyze, eval, eval merge, compare, grade" },
        { "help nothing", "there is no verb 'nothing'" },
        { "generate --polcy never", "--polcy is not an option of tah generate; did you mean --policy?" },
        { "generate --max 5", "--max is not an option of tah generate" },
        { "generate -q", "-q is not an option of tah generate" },
        { "generate hi -n", "-n needs a value" },
        { "generate hi --seed=", "--seed needs a value" },
        { "generate hi --stop --json", "--stop needs a value; one that begins with a dash is written --stop=VALUE" },
        { "generate hi --max-tokens many", "--max-tokens takes a whole number, not 'many'" },
        { "generate hi --temp warm", "--temp takes a number, not 'warm'" },
        { "generate hi --seed 1 -s 2", "--seed is given twice; which one counts?" },
        { "generate hi --json=yes", "--json takes no value, but 'yes' was given" },
        { "generate --raw=-a\n-b", "--raw: text of several lines that begins with a dash cannot be an option's value; put it into a file" },
        { "devices all", "'all' is an argument too many; see tah devices --help" },
        { "generate --ids 5 --raw x", "--raw and --ids are two prompts; give one" },
        { "generate hi --ids 5", "a prompt argument and --ids are two prompts; give one" },
        { "generate hi -p ho", "a prompt argument and --prompt are two prompts; give one" },
        { "generate hi --prompts-file p.txt", "a prompt argument and --prompts-file are two prompts; give one" },
        { "generate --ids 5 --system be", "--system and --think belong to the chat format, which --ids leaves out" },
        { "generate --raw 5 --think off", "--system and --think belong to the chat format, which --raw leaves out" },
        { "generate --ids 5,x", "--ids: 'x' at place 1 is not a token id; write them as 5,17,3" },
        { "generate --ids 5,,17", "--ids: an id is missing at place 1; write ids as 5,17,3" },
        { "generate --ids ,", "--ids: an id is missing at place 0; write ids as 5,17,3" },
        { "generate --ids [5,17,]", "--ids: an id is missing at place 2; write ids as 5,17,3" },
        { "tokenize --decode 5,542", "--decode: 542 at place 1 is no id of the tokenizer, whose ids run from 0 to 541" },
        { "generate --ids 5,-1", "--ids: '-1' at place 1 is not a token id; write them as 5,17,3" },
        { "generate hi --parallel 2", "--parallel is about the prompts of --prompts-file, and there is none" },
        { "generate hi --policy never --threshold 0.5", "--threshold is the decider's, and --policy never does not ask it; leave one of them out" },
        { "generate hi --policy sometimes", "--policy is decider, never or always, not 'sometimes'" },
        { "generate hi --threshold 1.5", "the threshold must be between 0 and 1, not 1.5" },
        { "generate hi --threshold NaN", "the threshold must be between 0 and 1, not NaN" },
        { "generate hi --think maybe", "--think is on or off, not 'maybe'" },
        { "generate hi --device gpu", "--device is auto, cpu, opencl[:i] or cuda[:i], not 'gpu'" },
        { "generate hi --kernels volta", "--kernels is auto, hopper, ampere, turing or portable, not 'volta'" },
        { "bench --device cpu --synthetic qwen3-0.6b --kernels portable", "kernels are chosen on CUDA devices only; this device is cpu" },
        { "generate hi --precision f16", "--precision is auto or f32, not 'f16'" },
        { "chat --precision exact", "--precision is auto or f32, not 'exact'" },
        { "bench --precision bf16", "--precision is auto or f32, not 'bf16'" },
        { "profile --precision bf16", "--precision is auto or f32, not 'bf16'" },
        { "trace --ids 5", "--out is missing: the safetensors file to write" },
        { "trace --out t.safetensors", "there is nothing to trace; give PROMPT, --raw TEXT or --ids 5,17,3" },
        { "bench -p 512,x", "-p takes whole numbers with commas between them, as in 512,2048, not 'x'" },
        { "bench -n 128,", "-n takes whole numbers with commas between them, as in 512,2048, not ''" },
        { "bench -d -1", "a context has 0 positions or more, not -1" },
        { "bench -b 0", "a batch has 1 sequence or more, not 0" },
        { "bench -p 512,0", "a prompt to prefill has 1 token or more, not 0" },
        { "bench -p 0 -n 0", "there is nothing to measure" },
        { "bench -r 0", "a test is repeated 1 to 1,000 times, not 0" },
        { "bench --continue-rate 0,seven", "--continue-rate takes numbers with commas between them, as in 0,0.07,1, not 'seven'" },
        { "bench --continue-rate 7", "a continue rate is from 0 to 1, not 7" },
        { "bench --continue-rate NaN", "a continue rate is from 0 to 1, not NaN" },
        { "bench --held-rate 0.5", "--held-rate says which guesses hold, and only --overlap makes guesses; give both" },
        { "bench --overlap --held-rate 2", "a share of guesses that hold is from 0 to 1, not 2" },
        { "bench --overlap --held-rate NaN", "a share of guesses that hold is from 0 to 1, not NaN" },
        { "bench --overlap --held-rate 1 --policy always", "--held-rate forces guesses beside --continue-rate, not beside --policy" },
        { "bench --continue-rate 1 --policy never", "--continue-rate forces second passes, and --policy lets something else decide; give one" },
        { "bench -o html", "-o is md, json or csv, not 'html'" },
        { "bench --json -o csv", "--json and -o csv are two formats; give one" },
        { "bench --model m --synthetic qwen3-4b", "--model and --synthetic are two models; give one" },
        { "bench --synthetic qwen3-8b", "there is no synthetic model 'qwen3-8b'; there are qwen3-0.6b, qwen3-1.7b, qwen3-4b" },
        { "profile -n 0", "there is nothing to profile" },
        { "profile -p many", "-p takes a whole number, not 'many'" },
        { "profile -d -1", "a context has 0 positions or more, not -1" },
        { "profile --continue-rate 2", "a continue rate is from 0 to 1, not 2" },
        { "profile --continue-rate 1 --threshold 0.5", "--continue-rate forces second passes, and --threshold lets something else decide; give one" },
        { "profile hi -p 5", "a prompt and -p are two prompts; give one" },
        { "profile --raw hi --ids 5", "--raw and --ids are two prompts; give one" },
        { "profile --model m --synthetic qwen3-4b", "--model and --synthetic are two models; give one" },
        { "profile --report no/such/place.html", $"--report no/such/place.html: there is no directory {Path.GetFullPath("no/such")}" },
        { "profile --trace -", "--trace - is no file; it cannot be written to standard output" },
        { "grade", "--input is missing: the answers to judge; - is standard input" },
        { "grade --input x --grader oficial", "--grader is official or fair, not 'oficial'; did you mean official?" },
        { "tokenize", "there is nothing to tokenize; give TEXT, --input FILE or --decode IDS" },
        { "tokenize hi --decode 5", "TEXT and --decode exclude each other" },
        { "pull", "which model? give its name on the hub, as in tah pull nics-efc/TaH-plus-1.7B" },
        { "pull a/b@c --revision d", "a/b@c names a revision already; leave --revision out" },
        { "pull tiny", "'tiny' is not the name of a model on the hub: give owner/name or owner/name@revision" },
    };

    [Theory, MemberData(nameof(UsageMistakes))]
    public void Bad_usage_is_one_sentence_and_exit_code_2(string line, string sentence)
    {
        var run = CommandRun.Of(line.Split(' '));
        Assert.Equal(sentence, run.FailedWith(2));
        Assert.Empty(run.Out);
    }

    public static TheoryData<string, string> RequestMistakes() => new()
    {
        { "--ids 5,576", "token 576 at place 1 of the prompt is out of the vocabulary" },
        { "--ids 5,6,7,8 --ctx-size 3", "the prompt has 4 tokens; the context holds 3" },
        { "--ids 5 --ctx-size 4096", "has 2,048 positions; a context of 4,096 cannot be had" },
        { "--ids 5 -n 0", "max-tokens is 0" },
        { "--ids 5 --top-p 0", "top-p 0 is out of range" },
        { "--ids 5 --temperature -1", "temperature -1 is out of range" },
        { "--ids 5 --temperature NaN", "temperature NaN is out of range" },
        { "--ids 5 --max-iter 0", "max-iter" },
        { "--ids 5 --page-size 0", "a page of the KV grid holds 1 to" },
        { "--ids 5 --ubatch-size 0", "a pass has 1 to" },
    };

    [Theory, MemberData(nameof(RequestMistakes))]
    public void A_request_that_contradicts_the_model_is_bad_usage(string options, string sentence)
    {
        var run = CommandRun.Of(["generate", "--device", "cpu", .. options.Split(' ')]);
        Assert.Contains(sentence, run.FailedWith(2));
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("generate --ids 5 -n 0", "max-tokens is 0; at least 1 token has to be generated")]
    [InlineData("generate --ids 5 --top-p 0", "top-p 0 is out of range")]
    [InlineData("generate --ids 5 --top-k -1", "top-k -1 is out of range")]
    [InlineData("generate --ids 5 --ctx-size 0", "a context has 1 position or more, not 0")]
    [InlineData("generate --ids 5 --page-size 5000", "a page of the KV grid holds 1 to 4,096 entries, not 5,000")]
    [InlineData("generate --ids 5 --threshold 2", "the threshold must be between 0 and 1, not 2")]
    [InlineData("generate --ids 5 --max-iter 17", "max-iter is 1 to 16, not 17")]
    [InlineData("chat --temperature -1", "temperature -1 is out of range")]
    [InlineData("bench --ubatch-size 5000", "a pass has 1 to 4,096 rows, not 5,000")]
    [InlineData("profile --max-iter 0", "max-iter is 1 to 16, not 0")]
    [InlineData("trace --ids 5 --out t.safetensors --ubatch-size 0", "a pass has 1 to 4,096 rows, not 0")]
    public void A_number_that_no_model_allows_is_refused_before_one_is_loaded(string line, string sentence)
    {
        // Loading an empty directory would be exit code 3.
        using var empty = new TemporaryDirectory();
        Assert.Contains(sentence, CommandRun.Of([.. line.Split(' '), "--model", empty.Path, "--device", "cpu"]).FailedWith(2));
    }

    [Fact]
    public void Answers_at_a_time_are_counted_before_a_model_is_loaded()
    {
        using var prompts = new TemporaryDirectory();
        File.WriteAllText(prompts.At("prompts.txt"), "hi");
        string[] line = ["generate", "--prompts-file", prompts.At("prompts.txt"), "--parallel", "0", "--model", prompts.Path];
        Assert.Equal("a session runs 1 to 4,096 sequences at a time, not 0", CommandRun.Of(line).FailedWith(2));
    }

    [Theory]
    [InlineData("generate hi --model no/such/place", "no/such/place")]
    [InlineData("generate hi --model nobody/nothing", "tah pull nobody/nothing")]
    [InlineData("info no-such-place", "no-such-place")]
    [InlineData("generate --prompt-file no-such-file", "no-such-file: does not exist")]
    [InlineData("generate --prompts-file no-such-file", "no-such-file: does not exist")]
    [InlineData("tokenize --input no-such-file", "no-such-file: does not exist")]
    public void A_file_that_is_not_there_is_exit_code_3(string line, string sentence) =>
        Assert.Contains(sentence, CommandRun.Of(line.Split(' ')).FailedWith(3));

    [Fact]
    public void A_damaged_checkpoint_is_exit_code_3()
    {
        using var copy = new TemporaryDirectory(Golden.TinyModel);
        var weights = copy.At("model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..100_000]);
        Assert.Contains("model.safetensors", CommandRun.Of("generate", "hi", "--device", "cpu", "--model", copy.Path).FailedWith(3));
        Assert.Contains("model.safetensors", CommandRun.Of("info", copy.Path).FailedWith(3));
    }

    [Fact]
    public void A_file_sends_no_commands_to_the_terminal()
    {
        using var copy = new TemporaryDirectory(Golden.TinyModel);
        File.WriteAllText(copy.At("tokenizer.json"), """{"model": {"vocab": {"\u001b[31mred": -1}}}""");
        var run = CommandRun.Of("tokenize", "hi", "--model", copy.Path, "--verbose");
        Assert.Contains(@"model.vocab.\u001b[31mred: is not a token id", run.Error);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("chat_template.jinja")]
    [InlineData("tokenizer_config.json")]
    public void A_directory_in_the_place_of_a_file_is_exit_code_3(string name)
    {
        using var copy = new TemporaryDirectory(Golden.TinyModel);
        File.Delete(copy.At(name));
        Directory.CreateDirectory(copy.At(name));
        var sentence = CommandRun.Of("generate", "hi", "--device", "cpu", "--model", copy.Path).FailedWith(3);
        Assert.Contains($"{name}: is a directory, a file was expected", sentence);
    }

    [Fact]
    public void A_trace_that_cannot_be_written_is_exit_code_3()
    {
        // Longer than file systems allow a name to be; permissions would not stop a test that runs as root.
        var target = Path.Combine(Path.GetTempPath(), new string('t', 300));
        var sentence = CommandRun.Of("trace", "--ids", "5", "--device", "cpu", "--out", target).FailedWith(3);
        Assert.StartsWith($"{target}: cannot be written: ", sentence);
    }

    [Fact]
    public void An_absent_device_is_exit_code_4_and_says_what_is_there()
    {
        var sentence = CommandRun.Of("generate", "hi", "--device", "cuda:99").FailedWith(4);
        Assert.Contains("cuda:99", sentence);
        Assert.Contains("cpu", sentence);
    }

    [Fact]
    public void Text_for_a_model_without_tokenizer_is_bad_usage()
    {
        var run = CommandRun.Of("generate", "hi", "--device", "cpu", "--model", Golden.ParityCheckpoint("a_tied"));
        Assert.Contains("has no tokenizer.json; give token ids instead of text", run.FailedWith(2));
    }

    [Fact]
    public void The_stack_trace_is_there_with_verbose_only()
    {
        Assert.Equal(2, CommandRun.Of("generate", "--ids", "x", "--verbose").ExitCode);
        Assert.Contains("   at TaH.Cli.", CommandRun.Of("generate", "--ids", "x", "--verbose").Error);
    }
}
