namespace TaH.Engine;

/// <summary>Where a task's data is.</summary>
public static class TaskDataFile
{
    private static readonly string[] Endings = [".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet", ".parquet.gz"];

    /// <summary>The data file of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="directory">Where the user keeps data; null for the current directory.</param>
    /// <exception cref="BadFileException">There is none; the message says which file, its fields and where it comes from.</exception>
    public static string Find(EvaluationTask task, string? directory)
    {
        if (directory is not null && !Directory.Exists(directory)) throw new BadFileException(directory, null, "is not a directory");
        string[] places = [.. new[] { directory ?? (task.Folder is null ? "." : null), task.Folder }.OfType<string>()];
        string[] names = Path.HasExtension(task.Data) ? [task.Data] : [.. Endings.Select(ending => task.Data + ending)];
        var found = places.SelectMany(place => names.Select(name => Path.Combine(place, name))).FirstOrDefault(File.Exists);
        if (found is not null) return found;
        var kinds = names.Length == 1 ? "" : $" (or {string.Join(", ", Endings[1..])})";
        var origin = task.Source.Length == 0 ? "" : $"; it comes from {task.Source}";
        throw new BadFileException(
            Path.Combine(places[0], names[0]), null,
            $"does not exist{kinds}; task {task.Name} needs it, with the fields {string.Join(", ", task.Fields)}{origin}");
    }
}
