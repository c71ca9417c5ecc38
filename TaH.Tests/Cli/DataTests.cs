namespace TaH.Tests;

/// <summary>The verbs that make data to train on: data and label.</summary>
[Collection(DeviceCollection.Name)]
public sealed class DataTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Problems_are_generated_and_labelled()
    {
        var (train, test, labelled) = (_directory.At("train.jsonl"), _directory.At("test.jsonl"), _directory.At("l.parquet"));
        var run = CommandRun.Of("data", "generate", "--out", train, "--count", "30", "--seed", "7", "--held-out-file", test, "--held-out", "5",
            "--kinds", "digits, lists");
        run.Succeeded();
        Assert.Contains($"{test}: 5 held-out problems (", run.Error);
        Assert.Matches(@"train.jsonl: 30 problems \(digits \d+, lists \d+\)", run.Error);
        var run2 = CommandRun.Of("label", "--data", train, "--out", labelled, "--device", "cpu", "--limit", "10");
        Assert.Equal("", run2.Succeeded());
        Assert.Matches(@"l.parquet: 10 rows, [\d,]+ tokens, \d+ supervised, of which \d+ are hard \([\d.]+ %\)", run2.Error);
        Assert.Equal(10, DataFile.Count(labelled));
        CommandRun.Of("data", "generate", "--out", test, "--count", "30", "--seed", "7", "--kinds", "digits,lists", "--exclude", train).Succeeded();
        Assert.Empty(ProblemFile.ReadQuestions(train).Intersect(ProblemFile.ReadQuestions(test)));
    }

    [Theory]
    [InlineData("data", "what is to be done with data?")]
    [InlineData("data generat --out x --count 1", "there is no tah data generat; did you mean generate?")]
    [InlineData("data generate --count 5", "--out is missing")]
    [InlineData("data generate --out x", "--count is missing")]
    [InlineData("data generate --out x --count 0", "--count is 1 or more, not 0")]
    [InlineData("data generate --out x --count 1 --held-out 5", "held-out problems need --held-out-file, too")]
    [InlineData("data generate --out x --count 1 --held-out-file ./x", "--out and --held-out-file are the same file")]
    [InlineData("data generate --out no/such/x --count 1", "there is no directory")]
    [InlineData("data generate --out x --count 1 --kinds chains", "there is no kind of problem 'chains'")]
    [InlineData("label --out x", "--data is missing")]
    [InlineData("label --data x", "--out is missing")]
    [InlineData("label --data x --out ./x", "--out would replace the data")]
    [InlineData("label --data x --out y --limit 0", "--limit is 1 or more, not 0")]
    [InlineData("label --data x --out y --device gpu", "--device is auto, cpu, opencl[:i] or cuda[:i], not 'gpu'")]
    [InlineData("label --data x --out y --device cpu --batch-tokens 0", "a pass has 1 to 4,096 tokens, not 0")]
    public void What_cannot_be_done_is_bad_usage(string line, string sentence) =>
        Assert.Contains(sentence, CommandRun.Of(line.Split(' ')).FailedWith(2));

    [Fact]
    public void A_row_that_cannot_be_used_is_a_bad_file()
    {
        File.WriteAllText(_directory.At("bad.jsonl"), "{\"text\":\"a\"}\n{\"real_token\":[1],\"mask\":[]}\n");
        var sentence = CommandRun.Of("label", "--data", _directory.At("bad.jsonl"), "--out", _directory.At("out"), "--device", "cpu").FailedWith(3);
        Assert.EndsWith("bad.jsonl: line 2, mask: has 0 entries, real_token has 1; the lists belong together", sentence);
        Assert.False(File.Exists(_directory.At("out")));
    }

    public void Dispose() => _directory.Dispose();
}
