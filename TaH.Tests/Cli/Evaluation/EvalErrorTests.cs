namespace TaH.Tests;

/// <summary>What cannot be evaluated is one sentence, before a model is loaded.</summary>
[Collection(DeviceCollection.Name)]
public sealed class EvalErrorTests : IDisposable
{
    private readonly EvaluationScene _scene = new();

    [Theory]
    [InlineData("eval", 2, "--tasks is missing: what to solve, as in --tasks gsm8k")]
    [InlineData("eval --tasks gsm-8k", 2, "there is no task 'gsm-8k'; did you mean gsm8k?")]
    [InlineData("eval --tasks sudoku", 2, "there is no task 'sudoku'; there are aime24, aime25, amc23,")]
    [InlineData("eval --tasks ,", 2, "--tasks names no task")]
    [InlineData("eval --tasks SUMS,SUMS", 2, "task sums is given twice")]
    [InlineData("eval --tasks gsm8k --data NOWHERE", 3, "NOWHERE: is not a directory")]
    [InlineData("eval --tasks none.yaml", 3, "none.yaml: does not exist")]
    [InlineData("eval --tasks SUMS --samples 0", 2, "samples are 1 to 10,000, not 0")]
    [InlineData("eval --tasks SUMS --batch 0", 2, "a batch has 1 answer or more, not 0")]
    [InlineData("eval --tasks SUMS --limit 0", 2, "a limit is 1 problem or more, not 0")]
    [InlineData("eval --tasks SUMS --shard 3/2", 2, "a shard is written i/n with i from 1 to n, as in 2/4, not '3/2'")]
    [InlineData("eval --tasks SUMS --max-new-tokens 0", 2, "--max-new-tokens is 1 or more, not 0")]
    [InlineData("eval --tasks SUMS --temperature -1", 2, "temperature -1 is out of range")]
    [InlineData("eval --tasks SUMS --device cpu --ctx-size 5 --out OUT", 2, "the prompt of sum0 (task sums) has")]
    [InlineData("eval --tasks SUMS --device cpu --out FILE", 3, "cannot be written: ")]
    [InlineData("eval merge", 2, "which runs?")]
    [InlineData("eval merge OUT", 2, "which runs?")]
    [InlineData("eval merge OUT NOWHERE", 3, "is not a directory; name the --out of an evaluation")]
    [InlineData("compare a.jsonl", 2, "which two?")]
    [InlineData("compare NOWHERE FILE", 3, "does not exist")]
    public void What_cannot_be_done_is_one_sentence(string line, int exitCode, string sentence)
    {
        var words = line.Replace("SUMS", _scene.At("sums.yaml")).Replace("NOWHERE", _scene.At("nowhere")).Replace("OUT", _scene.At("out"))
            .Replace("FILE", _scene.At("sums.jsonl")).Split(' ');
        Assert.Contains(sentence.Replace("NOWHERE", _scene.At("nowhere")), CommandRun.Of(words).FailedWith(exitCode));
    }

    [Fact]
    public void A_run_without_its_settings_and_a_stranger_in_the_file_are_refused()
    {
        _scene.Run("run", "--limit", "1", "--max-new-tokens", "2").Succeeded();
        File.AppendAllText(Path.Combine(_scene.At("run"), "samples.jsonl"), File.ReadLines(Path.Combine(_scene.At("run"), "samples.jsonl")).First().Replace("sum0", "sum9") + "\n");
        Assert.EndsWith("has sample 0 of \"sum9\", task \"sums\", which this run does not ask for", _scene.Run("run", "--limit", "1", "--max-new-tokens", "2").FailedWith(3));
        File.Delete(Path.Combine(_scene.At("run"), "run.json"));
        Assert.EndsWith("samples.jsonl: stands without its run.json; name another --out", _scene.Run("run").FailedWith(3));
    }

    public void Dispose() => _scene.Dispose();
}
