using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>Every ablation from the command line to an answer: trained, saved, shown, gone on with, asked.</summary>
[Collection(DeviceCollection.Name)]
public sealed class AblationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public AblationTests()
    {
        // The third and every eleventh token of an answer is hard.
        File.WriteAllLines(_directory.At("rows.jsonl"), Enumerable.Range(0, 6).Select(row =>
        {
            int[] tokens = [.. Enumerable.Range(0, 30).Select(i => 20 + ((7 * row) + (3 * i)) % 200)];
            string List(Func<int, int> value) => string.Join(',', Enumerable.Range(0, tokens.Length).Select(value));
            return $$"""{"real_token":[{{List(i => tokens[i])}}],"mask":[{{List(i => i < 8 ? 0 : 1)}}],"mismatch":[{{List(i => i >= 8 && i % 11 == 10 ? 1 : 0)}}]}""";
        }));
        PlainCopy.Of(Golden.ParityCheckpoint("a_tied"), _directory.At("base"));
    }

    [Theory]
    [InlineData("--attention own", "a row sees its own depth alone")]
    [InlineData("--attention first --no-lora --dynamic-oracle", "a row sees depth 0 alone; deeper passes have no updates")]
    [InlineData("--no-residual --always-iterate --max-iter 3", "logits do not add up")]
    [InlineData("--max-iter 4", null)]
    public void Both_stages_run_and_the_result_answers(string options, string? shown)
    {
        Train("1", "base", "stage1", options.Split(' '));
        Train("2", "stage1", "model", "--threshold", "0.2");
        var info = CommandRun.Of("info", _directory.At("model")).Succeeded();
        if (shown is null) Assert.DoesNotContain("ablations", info);
        else Assert.Matches($@"ablations\s+{shown}\s", info);
        Assert.Contains(options.Contains("--max-iter") ? $"up to {options[^1]} passes" : "up to 2 passes", info);
        Assert.Equal(options.Contains("--no-lora"), !Directory.Exists(_directory.At("model/lora")));
        Answers();
    }

    [Fact]
    public void Both_stages_at_once_leave_a_whole_model()
    {
        Train("joint", "base", "model", "--eval-data", _directory.At("rows.jsonl"), "--pos-weight", "3");
        var steps = File.ReadLines(_directory.At("model/metrics.jsonl")).Select(line => JsonNode.Parse(line)!).Where(line => line["loss"] is not null).ToList();
        Assert.Equal(2, steps.Count);
        Assert.All(steps, step => Assert.InRange(step["decider_loss"]!.GetValue<double>(), 0.1, 10));
        Assert.Matches(@"decider +[\d.,]+ (M )?parameters", CommandRun.Of("info", _directory.At("model")).Succeeded());
        using (Checkpoint before = Checkpoint.Open(_directory.At("base")), behind = Checkpoint.Open(_directory.At("model")))
        {
            const string Name = "model.layers.2.mlp.up_proj.weight";
            Assert.NotEqual(before.Weight(Name).ToFloats(), behind.Weight(Name).ToFloats());
            Assert.Contains(behind.Lora!.Tensors, tensor => tensor.Key.Contains("lora_B") && tensor.Value.ToFloats().Any(value => value != 0));
        }
        Answers();
    }

    [Fact]
    public void Stage_two_goes_on_as_stage_one_was_trained()
    {
        Train("1", "base", "stage1", "--attention", "own", "--max-iter", "3");
        string Refused(params string[] options) => CommandRun.Of([.. Line("2", "stage1", "model"), .. options]).FailedWith(2);
        Assert.Equal("--attention is not what stage1 was trained with; stage 2 runs its passes as stage 1 did, whatever is left out there",
            Refused("--attention", "first"));
        Assert.StartsWith("--no-lora is not what stage1 was trained with", Refused("--no-lora"));
        Assert.StartsWith("--no-residual is not what stage1 was trained with", Refused("--no-residual"));
        Train("2", "stage1", "model", "--attention", "own");
        var config = JsonNode.Parse(File.ReadAllText(_directory.At("model/tah_config.json")))!;
        Assert.Equal(("same_iter", 3), (config["iter_attention_mode"]!.GetValue<string>(), config["max_iter"]!.GetValue<int>()));
    }

    [Fact]
    public void A_recipe_of_the_first_release_says_what_is_left_out()
    {
        File.WriteAllText(_directory.At("recipe.yaml"), """
            model:
              iter_attention_mode: "root"
              output_updater: "NoneUpdater"
              output_updater_kwargs: {}
              iter_label_generator: "DynamicMismatchIterLabelGenerator"
              adapter: "none"
              adapter_kwargs: {}
              train_loss: "NextTokenPredLoss"
            """);
        CommandRun Train(params string[] options) => CommandRun.Of([.. Line("1", "base", "out"), "--recipe", _directory.At("recipe.yaml"), .. options]);
        Assert.Contains("both say which tokens go on", Train("--always-iterate").FailedWith(2));
        var run = Train("--attention", "own");
        run.Succeeded();
        Assert.DoesNotContain("output_updater:", run.Error);
        Assert.Matches(@"ablations\s+a row sees its own depth alone; logits do not add up; deeper passes have no updates",
            CommandRun.Of("info", _directory.At("out")).Succeeded());
        // Of a plain model all of that is true of itself.
        CommandRun.Of([.. Line("base", "base", "plain"), "--recipe", _directory.At("recipe.yaml")]).Succeeded();
        File.WriteAllText(_directory.At("recipe.yaml"), "model:\n  output_updater: \"Mean\"\n");
        Assert.EndsWith("recipe.yaml: line 2: model.output_updater: is \"Mean\", AdditiveLogitsUpdater or NoneUpdater was expected", Train().FailedWith(3));
    }

    [Fact]
    public void Updates_of_another_rank_are_not_gone_on_with()
    {
        var line = Line("1", "base", "out");
        line[4] = Golden.TinyModel;
        Assert.Equal("checkpoint has updates of rank 16, and --lora-rank 8 asks for others; give its rank, or start from its plain model",
            CommandRun.Of([.. line, "--lora-rank", "8"]).FailedWith(2));
    }

    [Theory]
    [InlineData("base", "--attention own", "--stage base has one pass; an ablation of further passes means nothing to it")]
    [InlineData("base", "--always-iterate", "--stage base has one pass; an ablation of further passes means nothing to it")]
    [InlineData("2", "--always-iterate", "--always-iterate is for stages that train the backbone")]
    [InlineData("2", "--dynamic-oracle", "--dynamic-oracle is for stages that train the backbone")]
    [InlineData("2", "", "--stage 2 starts from the result of stage 1; base is a plain model")]
    [InlineData("1", "--always-iterate --dynamic-oracle", "--always-iterate and --dynamic-oracle both say which tokens go on; give one")]
    [InlineData("joint", "--max-iter 1", "--max-iter 1 leaves stages 1 and 2 nothing to train; give 2 or more")]
    [InlineData("joint", "--attention all", "--attention is duo, own or first, not 'all'")]
    [InlineData("both", "", "--stage is base, 1, 2 or joint, not 'both'")]
    public void What_leaves_nothing_out_is_bad_usage(string stage, string options, string sentence)
    {
        string[] line = [.. Line(stage, "base", "out"), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Contains(sentence, CommandRun.Of(line).FailedWith(2));
        Assert.False(Directory.Exists(_directory.At("out")));
    }

    public void Dispose() => _directory.Dispose();

    private string[] Line(string stage, string model, string output) =>
    [
        "train", "--stage", stage, "--model", _directory.At(model), "--data", _directory.At("rows.jsonl"), "--out", _directory.At(output), "--steps", "2",
        "--batch", "6", "--learning-rate", "1e-4", "--device", "cpu",
    ];

    private void Train(string stage, string model, string output, params string[] options) =>
        CommandRun.Of([.. Line(stage, model, output), .. options]).Succeeded();

    /// <summary>By its decider, and with all passes.</summary>
    private void Answers()
    {
        foreach (var policy in new[] { "decider", "always" })
        {
            var run = CommandRun.Of(
                "generate", "--model", _directory.At("model"), "--ids", "20,23,26,29", "-n", "5", "--policy", policy, "--ignore-eos", "--json",
                "--device", "cpu");
            using var json = JsonDocument.Parse(run.Succeeded());
            Assert.Equal(5, json.RootElement.GetProperty("tokens").GetArrayLength());
        }
    }
}
