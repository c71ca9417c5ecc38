namespace TaH.Tests;

/// <summary>Runs in processes of their own, which end before they are done: by kill -9, and by what asks them to: Ctrl-C and SIGTERM.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const string Options = "--stage 1 --device cpu --steps 60 --batch 8 --learning-rate 1e-3 --seed 5 --save-steps 2 --lora-rank 8";

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void A_run_goes_on_bit_for_bit_after_a_kill_Ctrl_C_and_SIGTERM()
    {
        var command = $"$TAH train {Options} --model '{Golden.ParityCheckpoint("a_tied")}' --data '{LabelledRows.Write(_directory.At("rows.jsonl"))}'";
        var whole = Shell.Run($"{command} --out '{_directory.At("whole")}' --json");
        Assert.True(whole.ExitCode == 0, whole.Error);

        var parts = _directory.At("parts");
        // Job control, because a shell without it starts what runs in the background deaf to Ctrl-C.
        string Ended(string signal, int lines) => $"set -m; {command} --out '{parts}' & "
            + $"until [ \"$(cat '{parts}/metrics.jsonl' 2>/dev/null | wc -l)\" -ge {lines} ]; do sleep 0.01; done; kill -{signal} $!; wait $!";
        Assert.Equal(137, Shell.Run(Ended("KILL", lines: 3)).ExitCode);
        Assert.False(File.Exists(Path.Combine(parts, "config.json")));
        foreach (var (signal, lines) in (ReadOnlySpan<(string, int)>)[("INT", 6), ("TERM", 12)])
        {
            var interrupted = Shell.Run(Ended(signal, lines));
            Assert.True(interrupted.ExitCode == 130, $"{signal}, {interrupted.ExitCode}: {interrupted.Error}");
            Assert.Matches(@"stopped behind step \d+ of 60, and saved; the same command goes on from there, with --restart it begins anew\n", interrupted.Error);
            Assert.DoesNotContain("error", interrupted.Error);
        }

        var rest = Shell.Run($"{command} --out '{parts}' --json");
        Assert.True(rest.ExitCode == 0, rest.Error);
        Assert.Contains("going on behind step", rest.Error);
        Assert.Equal(File.ReadAllBytes(_directory.At("whole/model.safetensors")), File.ReadAllBytes(_directory.At("parts/model.safetensors")));
        Assert.Equal(
            File.ReadAllBytes(_directory.At("whole/lora/adapter_model.safetensors")), File.ReadAllBytes(_directory.At("parts/lora/adapter_model.safetensors")));
        var (steps, again) = (MetricsFile.Read(_directory.At("whole")).Steps, MetricsFile.Read(parts).Steps);
        Assert.Equal(Enumerable.Range(1, 60), again.Select(step => step.Step));
        Assert.Equal(steps.Select(step => (step.Loss, step.GradNorm, step.HardLoss)), again.Select(step => (step.Loss, step.GradNorm, step.HardLoss)));
        // What a script is told is what the file says.
        Assert.EndsWith(rest.Out, File.ReadAllText(Path.Combine(parts, "metrics.jsonl")), StringComparison.Ordinal);
        Assert.Equal(whole.Out, File.ReadAllText(_directory.At("whole/metrics.jsonl")));
    }

    public void Dispose() => _directory.Dispose();
}
