using System.Text.Json;

namespace TaH.Tests;

/// <summary>The verb prune as scripts and people see it.</summary>
[Collection(DeviceCollection.Name)]
public sealed class PruneTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _model;
    private readonly string _data;

    public PruneTests()
    {
        _model = PlainCopy.Of(Golden.TinyModel, _directory.At("base"));
        _data = _directory.At("held-out.jsonl");
        File.WriteAllLines(_data,
        [
            """{"prompt":"What is 10 * 3?","response":"The answer is 30."}""", """{"prompt":"What is 11 * 3?","response":"The answer is 33."}""",
        ]);
    }

    [Fact]
    public void A_table_says_what_each_layer_is_worth_and_the_result_goes_on()
    {
        var run = Run("--layers", "2", "--out", _directory.At("pruned"));
        var lines = run.Succeeded().Split('\n').Where(line => line.Contains('.')).ToList();
        Assert.Equal(7, lines.Count); // six layers and the caption
        Assert.Equal(2, lines.Count(line => line.Contains("  goes")));
        Assert.Matches(@"pruned: layers \d, \d are gone, 4 stay; loss [\d.]+ before, [\d.]+ now, on \d+ tokens of 2 rows", run.Error);
        CommandRun.Of("info", _directory.At("pruned")).Succeeded();
        CommandRun.Of("train", "--stage", "base", "--model", _directory.At("pruned"), "--data", _data, "--out", _directory.At("healed"),
            "--steps", "1", "--batch", "2", "--device", "cpu").Succeeded();
    }

    [Fact]
    public void Scripts_get_one_line()
    {
        var run = Run("--layers", "1", "--out", _directory.At("pruned"), "--rows", "1", "--at-once", "--json");
        using var json = JsonDocument.Parse(Assert.Single(run.Succeeded().TrimEnd().Split('\n')));
        Assert.Equal(6, json.RootElement.GetProperty("rounds")[0].GetProperty("losses").GetArrayLength());
        Assert.Equal(1, json.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal(
            json.RootElement.GetProperty("rounds")[0].GetProperty("losses").EnumerateArray().Min(judged => judged.GetProperty("loss").GetDouble()),
            json.RootElement.GetProperty("pruned_loss").GetDouble());
    }

    [Theory]
    [InlineData("--layers 6", "--layers 6 leaves nothing of the 6 layers of base; at most 5 can go")]
    [InlineData("--layers 0", "--layers is 1 or more, not 0")]
    [InlineData("--layers 1 --rows 0", "--rows is 1 or more, not 0")]
    [InlineData("--layers 1 --max-length 1", "--max-length is 2 or more, not 1")]
    [InlineData("", "--layers is missing: how many go")]
    public void What_cannot_be_done_is_bad_usage(string options, string sentence)
    {
        Assert.Contains(sentence, Run([.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--out", _directory.At("pruned")]).FailedWith(2));
        Assert.False(Directory.Exists(_directory.At("pruned")));
    }

    [Fact]
    public void A_model_or_a_place_that_cannot_be_used_is_named()
    {
        Assert.Contains("checkpoint is a TaH model; layers go from the plain model, before stage 1",
            CommandRun.Of("prune", "--model", Golden.TinyModel, "--layers", "1", "--data", _data, "--out", _directory.At("pruned"), "--device", "cpu").FailedWith(2));
        Assert.Contains("base is not empty; name a new directory", Run("--layers", "1", "--out", _model).FailedWith(2));
        Assert.Contains("--model is missing", CommandRun.Of("prune", "--layers", "1", "--data", _data, "--out", _directory.At("pruned")).FailedWith(2));
        Assert.Contains("--data is missing", CommandRun.Of("prune", "--model", _model, "--layers", "1", "--out", _directory.At("pruned")).FailedWith(2));
        Assert.Contains("--out is missing", Run("--layers", "1").FailedWith(2));
    }

    [Theory, InlineData("", "held-out.jsonl: has no rows"), InlineData("{\"real_token\":[5,6],\"mask\":[1,0]}", "held-out.jsonl: has nothing to train on")]
    public void Data_without_a_labelled_token_is_a_bad_file(string line, string sentence)
    {
        File.WriteAllText(_data, line);
        Assert.Contains(sentence, Run("--layers", "1", "--out", _directory.At("pruned")).FailedWith(3));
        File.Delete(_data);
        Assert.Contains("held-out.jsonl: does not exist", Run("--layers", "1", "--out", _directory.At("pruned")).FailedWith(3));
        Assert.False(Directory.Exists(_directory.At("pruned")));
    }

    public void Dispose() => _directory.Dispose();

    private CommandRun Run(params string[] options) => CommandRun.Of(["prune", "--model", _model, "--data", _data, "--device", "cpu", .. options]);
}
