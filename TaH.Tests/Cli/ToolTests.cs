using System.Text.Json;
using TaH.Cli;

namespace TaH.Tests;

/// <summary>The verbs around generation: devices, info, tokenize, trace.</summary>
[Collection(DeviceCollection.Name)]
public class ToolTests
{
    [Fact]
    public void Devices_lists_the_processor_last()
    {
        var lines = CommandRun.Of("devices").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Matches(@"^--device\s+name\s+memory\s+abilities$", lines[0]);
        Assert.Matches(@"^cpu\s.*GiB\s+\d+ threads, ", lines.Last(line => line.Length > 0));
    }

    [Fact]
    public void Info_shows_what_the_shipped_model_is()
    {
        var facts = CommandRun.Of("info", Golden.TinyModel).Succeeded();
        Assert.Contains("TaH, up to 2 passes", facts);
        Assert.Contains("6 layers, hidden 256, ffn 768", facts);
        Assert.Contains("4.87 M parameters in bf16, 9.3 MiB, 1 file", facts);
        Assert.Contains("rank 16, alpha 32 (scale 2)", facts);
        Assert.Contains("0.8984375 in force (0.9 as bf16)", facts);
    }

    [Fact]
    public void Info_shows_names_out_of_files_as_text()
    {
        using var copy = new TemporaryDirectory(Golden.TinyModel);
        var adapter = copy.At("lora/adapter_config.json");
        File.WriteAllText(adapter, File.ReadAllText(adapter).Replace("\"target_modules\": [", """ "target_modules": ["\u001b[2J.q_proj","""));
        var facts = CommandRun.Of("info", copy.Path).Succeeded();
        Assert.Contains(@"\u001b[2J.q_proj", facts);
        Assert.DoesNotContain('\u001b', facts);
    }

    [Fact]
    public void Info_is_JSON_for_scripts()
    {
        var root = JsonDocument.Parse(CommandRun.Of("info", "--json").Succeeded()).RootElement;
        Assert.Equal("tah", root.GetProperty("kind").GetString());
        Assert.Equal(4_870_144, root.GetProperty("parameters").GetProperty("base").GetInt64());
        Assert.Equal(576, root.GetProperty("shape").GetProperty("vocab").GetInt32());
        Assert.Equal(0.9, root.GetProperty("decider").GetProperty("threshold").GetDouble());
    }

    [Fact]
    public void Tokenize_and_decode_are_inverse()
    {
        const string Text = "Add up 1 2 3.\nWhat is 5?";
        var ids = CommandRun.Of("tokenize", Text).Succeeded().TrimEnd('\n');
        Assert.Equal(Text + "\n", CommandRun.Of("tokenize", "--decode", ids).Succeeded());
        var root = JsonDocument.Parse(CommandRun.Of("tokenize", "--json", Text).Succeeded()).RootElement;
        Assert.Equal(ids, string.Join(',', root.GetProperty("ids").EnumerateArray()));
        Assert.Equal(Text, root.GetProperty("text").GetString());
    }

    [Fact]
    public void Tokenize_reads_JSON_lines()
    {
        const string Lines = "\"What is 5?\"\n\"two\\nlines\"\n";
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("in.jsonl"), Lines);
        var output = CommandRun.Of("tokenize", "--input", directory.At("in.jsonl"), "--json").Succeeded();
        var texts = output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString());
        Assert.Equal(["What is 5?", "two\nlines"], texts);
        Assert.Equal(output, CommandRun.WithInput(Lines, "tokenize", "--input", "-", "--json").Succeeded());
        File.WriteAllText(directory.At("in.jsonl"), "\"fine\"\nnot fine\n");
        Assert.Contains("line 2", CommandRun.Of("tokenize", "--input", directory.At("in.jsonl"), "--json").FailedWith(3));
    }

    [Fact]
    public void Trace_writes_every_intermediate()
    {
        using var directory = new TemporaryDirectory();
        CommandRun.Of("trace", "--ids", "538,277,198", "--policy", "always", "--device", "cpu", "--out", directory.At("t.safetensors")).Succeeded();
        using var file = SafetensorsFile.Open(directory.At("t.safetensors"));
        string[] Shape(string name) => [.. file.Tensors[name].Shape.Select(size => size.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(["3", "576"], Shape("logits"));
        Assert.Equal(["2", "3"], Shape("decider_logits"));
        Assert.Equal([2, 2, 2], file.Tensors["iter_count"].ToInts());
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.Equal([0, 1, 2], file.Tensors[$"pass.{pass}.positions"].ToInts());
            Assert.Equal(["3", "576"], Shape($"pass.{pass}.raw_logits"));
            Assert.Equal(["3", "256"], Shape($"pass.{pass}.inputs"));
            Assert.Equal(["7", "3", "256"], Shape($"pass.{pass}.hidden"));
        }
    }

    [Fact]
    public void Trace_follows_labels()
    {
        using var directory = new TemporaryDirectory();
        var target = directory.At("t.safetensors");
        CommandRun.Of("trace", "--ids", "538,277,198", "--labels=-100,2,1", "--device", "cpu", "--out", target).Succeeded();
        using var file = SafetensorsFile.Open(target);
        Assert.Equal([1, 2, 1], file.Tensors["iter_count"].ToInts());
        Assert.Equal([1], file.Tensors["pass.1.positions"].ToInts());
    }

    [Theory]
    [InlineData("1,2", "--labels has 2 numbers, and the prompt has 3 tokens; give one for each")]
    [InlineData("1,2,3", "--labels: 3 at place 2 is not a number of passes from 1 to 2 (--max-iter)")]
    [InlineData("1,0,1", "--labels: 0 at place 1 is not a number of passes from 1 to 2 (--max-iter)")]
    [InlineData("1,two,1", "--labels takes the passes of each token with commas between them, as in 1,2,1, not 'two'")]
    [InlineData("1,2,1 --threshold 0.5", "--labels says which tokens take another pass, and --threshold lets something else decide; give one")]
    [InlineData("1,2,1 --policy decider", "--labels says which tokens take another pass, and --policy lets something else decide; give one")]
    public void Labels_that_do_not_fit_are_bad_usage(string labels, string sentence)
    {
        using var directory = new TemporaryDirectory();
        var line = $"trace --ids 538,277,198 --device cpu --labels {labels}";
        Assert.Equal(sentence, CommandRun.Of([.. line.Split(' '), "--out", directory.At("t")]).FailedWith(2));
    }

    [Fact]
    public void Trace_refuses_a_target_before_it_works() =>
        Assert.Contains("there is no directory", CommandRun.Of("trace", "--ids", "5", "--out", "no/such/directory/t.safetensors").FailedWith(2));

    [Theory]
    [InlineData("genrate", "generate")]
    [InlineData("tok", "tokenize")]
    [InlineData("DEVICES", "devices")]
    [InlineData("t", null)]
    [InlineData("bananas", null)]
    public void The_nearest_name_is_near(string given, string? expected) =>
        Assert.Equal(expected, NearestName.Find(given, VerbParser.Verbs.Select(VerbParser.NameOf)));

    /// <summary>The reader of arguments and CommandLineParser must agree on what was said.</summary>
    [Fact]
    public void Every_way_to_write_an_option_is_read_alike()
    {
        string[][] lines =
        [
            ["--max-tokens=5", "--temperature=-0.5", "--stop=a", "--stop=b c", "--", "ask", "this"],
            ["ask", "-n5", "--temp", "-0.5", "--stop", "a", "this", "--stop", "b c"],
            ["--max-new-tokens", "5", "--stop=a", "ask", "--stop", "b c", "--temp=-0.5", "--", "this"],
        ];
        foreach (var line in lines)
        {
            var verb = (GenerateVerb)VerbParser.Parse(["generate", .. line]);
            Assert.Equal((5, -0.5f), (verb.MaxTokens, verb.Temperature));
            Assert.Equal(["a", "b c"], verb.Stop);
            Assert.Equal(["ask", "this"], verb.Words);
        }
    }
}
