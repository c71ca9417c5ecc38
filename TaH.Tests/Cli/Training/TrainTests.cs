namespace TaH.Tests;

/// <summary>tah train from the command line, on golden models that take no time.</summary>
[Collection(DeviceCollection.Name)]
public sealed class TrainTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Stage_two_goes_on_with_the_passes_of_stage_one()
    {
        Train("--stage 1 --max-iter 3 --steps 1", Golden.ParityCheckpoint("a_tied"), "one").Succeeded();
        Train("--stage 2 --steps 1", _directory.At("one"), "two").Succeeded();
        var (first, second) = (TahConfig.Read(_directory.At("one/tah_config.json")), TahConfig.Read(_directory.At("two/tah_config.json")));
        Assert.Equal((3, 3), (first.MaxIter, second.MaxIter));
        Assert.Equal(3, second.Decider!.MaxIter);
        Assert.Contains(("max_iter", "3"), RunSettingsFile.Read(_directory.At("two")));
    }

    [Fact]
    public void A_loss_that_is_no_number_is_a_sentence_and_a_saved_state()
    {
        var run = Train("--stage 1 --steps 9 --optimizer sgd --learning-rate 1e30 --warmup-ratio 0 --max-grad-norm 0", Golden.ParityCheckpoint("a_tied"), "out");
        Assert.Matches(
            @"^step \d: the (loss|norm of all gradients) is \S+, with rows \d+, \d+, \d+, \d+ of those that are trained on; the state before this step is saved; ",
            run.FailedWith(1));
        Assert.Single(Directory.GetFiles(_directory.At("out/state")));
        Assert.False(File.Exists(_directory.At("out/config.json")));
    }

    public void Dispose() => _directory.Dispose();

    private CommandRun Train(string options, string model, string output) => CommandRun.Of(
        ["train", .. options.Split(' '), "--device", "cpu", "--batch", "4", "--lora-rank", "8", "--model", model, "--out", _directory.At(output),
            "--data", LabelledRows.Write(_directory.At("rows.jsonl"))]);
}
