namespace TaH.Tests;

/// <summary>Whatever ends a save, the directory holds the old checkpoint or the new one, and never a torn one that looks whole.</summary>
public sealed class CheckpointSwapTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SavingScene _scene = new("a_tied");

    [Fact]
    public void A_disk_that_is_full_at_any_file_leaves_the_last_checkpoint()
    {
        var counting = new FailingDisk();
        _scene.Save(_directory.Path, counting);
        File.WriteAllText(_directory.At("metrics.jsonl"), "{}");
        var before = Contents();
        _scene.Change();
        for (var file = 0; file < counting.Created; file++)
        {
            var refusal = Assert.Throws<BadFileException>(() => _scene.Save(_directory.Path, new FailingDisk { FullAtFile = file }));
            Assert.Contains("the checkpoint cannot be saved: No space left on device; what was there stays", refusal.Message);
            Assert.Equal(before, Contents());
        }
        _scene.Save(_directory.Path);
        Assert.NotEqual(before, Contents());
        Assert.Equal(before.Keys, Contents().Keys);
    }

    [Fact]
    public void A_process_that_dies_at_any_step_leaves_one_checkpoint_or_none_that_looks_like_one()
    {
        _scene.Save(_directory.Path);
        var old = Contents();
        _scene.Change();
        var counting = new FailingDisk();
        using (var elsewhere = new TemporaryDirectory(_directory.Path)) _scene.Save(elsewhere.Path, counting);
        using var reference = new TemporaryDirectory();
        _scene.Save(reference.Path);
        var (olds, news) = (0, 0);
        for (var step = 0; step < counting.Steps; step++)
        {
            using var place = new TemporaryDirectory(_directory.Path);
            Assert.ThrowsAny<Exception>(() => _scene.Save(place.Path, new FailingDisk { DeadFromStep = step }));
            if (File.Exists(place.At("config.json"))) Checkpoint.Open(place.Path).Dispose();
            TrainedCheckpoint.Prepare(place.Path);
            var now = Contents(place.Path);
            if (Equal(now, old)) olds++;
            else if (Equal(now, Contents(reference.Path))) news++;
            else Assert.Fail($"dead at step {step}, the directory holds {string.Join(", ", now.Keys)}");
        }
        // Both happen: it is old while files are written and moved, new when only tidying up is left.
        Assert.True(olds > 0 && news > 0, $"{olds} old, {news} new");
    }

    [Fact]
    public void Files_of_another_stage_leave_with_it()
    {
        _scene.Save(_directory.Path);
        Assert.True(Directory.Exists(_directory.At("lora")));
        using var plain = new SavingScene("a_tied", ModelPart.Plain);
        plain.Save(_directory.Path);
        using var read = Checkpoint.Open(_directory.Path);
        Assert.False(read.IsTah);
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors"], Contents().Keys);
    }

    [Fact]
    public void A_model_without_updates_has_no_lora_and_is_whole()
    {
        using var scene = new SavingScene("a_tied", ModelPart.WithoutLora);
        scene.Save(_directory.Path);
        Assert.False(Directory.Exists(_directory.At("lora")));
        using var read = Checkpoint.Open(_directory.Path);
        Assert.True(read is { IsTah: true, Lora: null, Decider: not null });
        // Copied in part, the same files of a model that has updates are not.
        var config = File.ReadAllText(_directory.At("tah_config.json"));
        File.WriteAllText(_directory.At("tah_config.json"), config.Replace("\"adapter\": \"none\"", "\"adapter\": \"lora\"", StringComparison.Ordinal));
        Assert.Contains("no lora/", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_directory.Path)).Message);
    }

    public void Dispose()
    {
        _scene.Dispose();
        _directory.Dispose();
    }

    private SortedDictionary<string, string> Contents() => Contents(_directory.Path);

    private static SortedDictionary<string, string> Contents(string directory) => new(
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(directory, file),
            file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))), StringComparer.Ordinal);

    private static bool Equal(SortedDictionary<string, string> one, SortedDictionary<string, string> other) => one.SequenceEqual(other);
}
