using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>
/// One model's folder in the cache, as huggingface_hub lays it out: <c>models--owner--name</c> with <c>blobs/HASH</c> (contents),
/// <c>snapshots/COMMIT/PATH</c> (relative links to blobs) and <c>refs/REVISION</c> (a commit).
/// </summary>
/// <param name="root">The cache directory.</param>
/// <param name="model">The model and its revision.</param>
/// <param name="createLink">Makes a symbolic link of a path and a target; throws where the system has none.</param>
internal sealed partial class HubCache(string root, HubModelName model, Action<string, string> createLink)
{
    private readonly string _folder = Path.Combine(root, $"models--{model.Owner}--{model.Name}");

    public HubCache(string root, HubModelName model)
        : this(root, model, (path, target) => File.CreateSymbolicLink(path, target))
    {
    }

    private string RefFile => Path.Combine([_folder, "refs", .. model.Revision.Split('/')]);

    public string Folder => _folder;

    public string Snapshot(string commit) => Path.Combine(_folder, "snapshots", commit);

    public string Blob(HubFile file) => Path.Combine(_folder, "blobs", file.ETag);

    public string Incomplete(HubFile file) => Blob(file) + ".incomplete";

    /// <summary>The file that huggingface_hub, too, locks while it writes this blob.</summary>
    public string Lock(HubFile file) => Path.Combine(root, ".locks", Path.GetFileName(_folder), file.ETag + ".lock");

    /// <summary>The snapshot that the revision stands for, or null where the cache has none.</summary>
    public string? Find()
    {
        var commit = CommitForm().IsMatch(model.Revision) ? model.Revision : File.Exists(RefFile) ? File.ReadAllText(RefFile).Trim() : "";
        return CommitForm().IsMatch(commit) && Directory.Exists(Snapshot(commit)) ? Snapshot(commit) : null;
    }

    /// <summary>Its content is here, in the snapshot or as a blob. Neither exists before its hash was checked, so the length tells enough.</summary>
    public bool Has(HubFile file, string commit) => LengthOf(Pointer(file, commit)) == file.Size || LengthOf(Blob(file)) == file.Size;

    /// <summary>Bytes that an earlier, unfinished pull left.</summary>
    public long PartialBytesOf(HubFile file) => Math.Clamp(LengthOf(Incomplete(file)), 0, file.Size);

    public void Create() => Directory.CreateDirectory(Path.Combine(_folder, "blobs"));

    /// <summary>Puts the files into the snapshot, config.json last: a snapshot that has it is whole.</summary>
    public void Link(IEnumerable<HubFile> files, string commit)
    {
        foreach (var file in files.OrderBy(file => file.Path == "config.json"))
        {
            var pointer = Pointer(file, commit);
            if (LengthOf(pointer) == file.Size) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
            ReplaceWhole(pointer, path => LinkOrCopy(path, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, Blob(file)), Blob(file)));
        }
    }

    /// <summary>Says which commit the revision stands for: the last step of a pull. A commit stands for itself.</summary>
    public void WriteRef(string commit)
    {
        if (model.Revision == commit) return;
        Directory.CreateDirectory(Path.GetDirectoryName(RefFile)!);
        ReplaceWhole(RefFile, path => File.WriteAllText(path, commit));
    }

    private string Pointer(HubFile file, string commit) => Path.Combine([Snapshot(commit), .. file.Path.Split('/')]);

    private void LinkOrCopy(string path, string target, string blob)
    {
        try
        {
            createLink(path, target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Windows grants links to administrators and developers only. A real obstacle (no space, no right) stops the copy too,
            // and tells its reason.
            File.Copy(blob, path);
        }
    }

    // Others that read or pull at the same time see the old file or the new one, never half of one.
    private static void ReplaceWhole(string path, Action<string> write)
    {
        var draft = $"{path}.{Guid.NewGuid():n}";
        write(draft);
        File.Move(draft, path, overwrite: true);
    }

    // -1: absent, or a link whose target is.
    private static long LengthOf(string path)
    {
        var entry = new FileInfo(path);
        var file = entry.LinkTarget is null ? entry : entry.ResolveLinkTarget(returnFinalTarget: true);
        return file is FileInfo { Exists: true } content ? content.Length : -1;
    }

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitForm();
}
