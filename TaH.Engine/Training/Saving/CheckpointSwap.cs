using System.IO.Enumeration;

namespace TaH.Engine;

/// <summary>
/// Puts a whole checkpoint in the place of another one, in a directory that may hold other things besides. config.json, without which no program
/// takes a directory for a checkpoint, leaves first and comes last: whenever the process ends, what lies there is the old checkpoint, the new one, or
/// visibly none; and then the old one is put back by whoever comes next.
/// </summary>
/// <param name="directory">The checkpoint's.</param>
/// <param name="disk">The file system.</param>
internal sealed class CheckpointSwap(string directory, SavingDisk disk)
{
    private const string Mark = "config.json";

    // Every file of the official layout, and what transformers and peft may put beside it.
    private static readonly string[] Owned =
    [
        Mark, "model.safetensors", "model-*-of-*.safetensors", ShardIndex.FileName, "lora", "iter_decider.bin", "iter_decider.safetensors",
        TahParts.ConfigName, .. CompanionFiles.Names,
    ];

    /// <summary>Where the new checkpoint is written.</summary>
    public string Staged { get; } = Path.Combine(directory, ".checkpoint-new");

    private string Leaving { get; } = Path.Combine(directory, ".checkpoint-leaving");

    private string Left { get; } = Path.Combine(directory, ".checkpoint-old");

    /// <summary>The staged checkpoint takes the place of what is there.</summary>
    public void Swap()
    {
        disk.MakeDirectory(Leaving);
        foreach (var entry in Entries(directory).Where(IsOwned).OrderByDescending(IsMark)) MoveInto(Leaving, entry);
        disk.Move(Leaving, Left);
        foreach (var entry in Entries(Staged).OrderBy(IsMark)) MoveInto(directory, entry);
        disk.Delete(Left);
        disk.Delete(Staged);
    }

    /// <summary>Tidies up behind a process that ended in the middle: the old checkpoint is put back unless the new one is there whole.</summary>
    public void Recover()
    {
        if (Directory.Exists(Left) && !File.Exists(Path.Combine(directory, Mark)))
        {
            foreach (var entry in Entries(directory).Where(IsOwned)) disk.Delete(entry);
            disk.Move(Left, Leaving);
        }
        if (Directory.Exists(Leaving))
        {
            foreach (var entry in Entries(Leaving).OrderBy(IsMark)) MoveInto(directory, entry);
            disk.Delete(Leaving);
        }
        if (Directory.Exists(Left)) disk.Delete(Left);
        if (Directory.Exists(Staged)) disk.Delete(Staged);
    }

    private static string[] Entries(string folder) => Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];

    private static bool IsMark(string entry) => Path.GetFileName(entry) == Mark;

    private static bool IsOwned(string entry) =>
        Owned.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(entry), ignoreCase: false));

    private void MoveInto(string folder, string entry) => disk.Move(entry, Path.Combine(folder, Path.GetFileName(entry)));
}
