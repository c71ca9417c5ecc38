using System.Diagnostics;
using System.Text.Json;

namespace TaH.Tests;

/// <summary>Whole evaluations, by the shipped model.</summary>
[Collection(DeviceCollection.Name)]
public sealed class EvalTests : IDisposable
{
    private readonly EvaluationScene _scene = new();

    [Fact]
    public void Every_sample_is_a_line_and_the_table_sums_them_up()
    {
        var run = _scene.Run("whole", "--json", "--keep-tokens");
        var task = JsonDocument.Parse(run.Succeeded()).RootElement.GetProperty("tasks")[0];
        var samples = SampleLines.Read(_scene.At("whole"));
        Assert.Equal((21, 7, 21), (samples.Count, task.GetProperty("problems").GetInt32(), task.GetProperty("samples").GetInt32()));
        Assert.Equal([0, 0, 0, 1, 1, 1, 2], samples.Take(7).Select(sample => sample.Number));
        Assert.Equal(samples.Count(sample => sample.Fair), task.GetProperty("fair").GetProperty("correct").GetInt32());
        Assert.All(samples, sample =>
        {
            Assert.Equal(sample.Tokens.Count, sample.Iterations.Count);
            Assert.Equal(sample.Tokens.Count, sample.TokenTexts!.Count);
            Assert.Equal(sample.Tokens.Count, sample.ContinueProbabilities!.Count);
            Assert.StartsWith("<|im_start|>user\nTake ", sample.Prompt);
            Assert.Equal(SampleSeed.Of(0, "sums", sample.Id, sample.Sample), sample.Seed);
            Assert.Equal(sample.Fair, sample.Answer.EndsWith($"</think>\n\nThe answer is {sample.Gold}."));
        });
        Assert.Contains(samples, sample => sample.Fair);
        Assert.Contains("21 samples", run.Error);
        Assert.Equal(21, samples.Select(sample => sample.Seed).Distinct().Count());
    }

    [Fact]
    public void A_run_killed_at_any_time_ends_as_if_it_had_not_been()
    {
        _scene.Run("whole", "--limit", "4", "--batch", "1").Succeeded();
        var (random, kills) = (new Random(5), 0);
        while (!KilledWhileRunning(random, "killed")) Assert.True(++kills < 60, "it never came to its end");
        Assert.True(kills > 0, "it was over before it could be killed");
        Assert.Equal(_scene.Lines("whole"), _scene.Lines("killed"));
    }

    [Fact]
    public void A_torn_line_is_made_again_and_whole_ones_are_not()
    {
        _scene.Run("whole").Succeeded();
        var (whole, path) = (_scene.Lines("whole"), Path.Combine(_scene.At("whole"), "samples.jsonl"));
        var lines = File.ReadAllLines(path);
        File.WriteAllText(path, string.Concat(lines.Take(9).Select(line => line + "\n")) + lines[20][..100]);
        Assert.EndsWith("21 samples, 9 of them from before\n", _scene.Run("whole").Error);
        Assert.Equal(lines.Take(9), File.ReadLines(path).Take(9));
        Assert.Equal(whole, _scene.Lines("whole"));
    }

    [Fact]
    public void Shards_make_up_the_whole()
    {
        _scene.Run("whole").Succeeded();
        foreach (var part in (int[])[1, 2, 3]) _scene.Run($"part{part}", "--shard", $"{part}/3").Succeeded();
        var some = CommandRun.Of("eval", "merge", _scene.At("some"), _scene.At("part3"), _scene.At("part1"));
        some.Succeeded();
        Assert.EndsWith("not among the parts: shard 2/3\n", some.Error);
        CommandRun.Of("eval", "merge", _scene.At("all"), _scene.At("part3"), _scene.At("part1"), _scene.At("part2")).Succeeded();
        Assert.Equal(_scene.Lines("whole"), _scene.Lines("all"));
        Assert.Equal(File.ReadAllText(Path.Combine(_scene.At("whole"), "run.json")), File.ReadAllText(Path.Combine(_scene.At("all"), "run.json")));
        _scene.Run("some").Succeeded(); // makes what is missing
        Assert.Equal(_scene.Lines("whole"), _scene.Lines("some"));

        Assert.Contains("all holds a run already", CommandRun.Of("eval", "merge", _scene.At("all"), _scene.At("part1")).FailedWith(2));
        Assert.Contains("name each shard once", CommandRun.Of("eval", "merge", _scene.At("x"), _scene.At("part1"), _scene.At("part1")).FailedWith(2));
        Assert.Contains("holds a run with other settings: shard is \"1/3\" there and \"2/3\" here", _scene.Run("part1", "--shard", "2/3").FailedWith(2));
    }

    [Fact]
    public void Compare_shows_both_runs()
    {
        _scene.Run("decider", "--limit", "3").Succeeded();
        _scene.Run("never", "--limit", "3", "--policy", "never", "--max-new-tokens", "2").Succeeded();
        var table = CommandRun.Of("compare", _scene.At("never"), Path.Combine(_scene.At("decider"), "samples.jsonl")).Succeeded();
        Assert.Contains("3 problems in both; the interval is the 95 % percentile bootstrap over problems", table);
        var json = JsonDocument.Parse(CommandRun.Of("compare", _scene.At("never"), _scene.At("decider"), "--json").Succeeded()).RootElement;
        Assert.Equal((3, 0.0), (json.GetProperty("problems").GetInt32(), json.GetProperty("fair").GetProperty("a").GetDouble()));
    }

    [Fact]
    public void Ctrl_C_keeps_what_is_done_and_the_same_command_goes_on()
    {
        _scene.Run("whole").Succeeded();
        var run = CommandRun.Prepare();
        var samples = Path.Combine(_scene.At("some"), "samples.jsonl");
        using (new Timer(_ => { if (File.Exists(samples) && new FileInfo(samples).Length > 0) run.Terminal.Interrupts.Raise(); }, null, 0, 1))
            run.Run([.. _scene.Arguments, "--batch", "2", "--out", _scene.At("some")]);
        Assert.Equal(130, run.ExitCode);
        Assert.Matches("some: [0-9]+ of 21 samples; the same command goes on\n", run.Error);
        var kept = File.ReadAllLines(samples);
        Assert.InRange(kept.Length, 1, 20);
        _scene.Run("some").Succeeded();
        Assert.Equal(_scene.Lines("whole"), _scene.Lines("some"));
        Assert.Empty(kept.Except(File.ReadLines(samples)));
    }

    /// <summary>A limit on the size of files stands for the disk; the signal that it sends is ignored, so that writing fails.</summary>
    [Fact]
    public void A_full_disk_is_one_sentence_and_what_was_written_stays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits on files are the Linux shell's");
        _scene.Run("whole").Succeeded();
        var (exitCode, _, error) = Shell.Run(
            "trap '' XFSZ; ulimit -f 4; export DOTNET_EnableWriteXorExecute=0; $TAH " + string.Join(' ', _scene.Arguments) + $" --out {_scene.At("some")}");
        Assert.True(exitCode == 3, error);
        Assert.Contains("samples.jsonl: cannot be written: ", Assert.Single(error.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal)));
        _scene.Run("some").Succeeded();
        Assert.Equal(_scene.Lines("whole"), _scene.Lines("some"));
    }

    public void Dispose() => _scene.Dispose();

    /// <summary>Kills it somewhere in its start, or at a moment after it has written something, so that it gets on.</summary>
    /// <returns>Whether it came to its end before.</returns>
    private bool KilledWhileRunning(Random random, string output)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "tah"), [.. _scene.Arguments, "--limit", "4", "--batch", "4", "--out", _scene.At(output)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var (before, patience) = (Written(output), random.Next(5) == 0 ? random.Next(200, 800) : 30_000);
        using var process = Process.Start(start)!;
        var (_, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        for (; patience > 0 && Written(output) == before; patience -= 10)
            if (process.WaitForExit(10)) break;
        if (!process.WaitForExit(random.Next(1, 60))) process.Kill();
        process.WaitForExit();
        if (process.ExitCode is 0 or 137) return process.ExitCode == 0;
        Assert.Fail($"exit code {process.ExitCode}: {error.GetAwaiter().GetResult()}");
        return false;
    }

    private long Written(string output) => new FileInfo(Path.Combine(_scene.At(output), "samples.jsonl")) is { Exists: true } file ? file.Length : 0;
}
