namespace TaH.Cli;

/// <summary>The tasks that <c>--tasks</c> names, and where their results go if nothing else is said.</summary>
internal static class TaskNames
{
    private const int LongestName = 60;

    /// <summary>Built-in tasks by their names, others by their files.</summary>
    /// <exception cref="UsageException">There is no such task; the message has the nearest name.</exception>
    /// <exception cref="BadFileException">A task file cannot be used.</exception>
    public static IReadOnlyList<EvaluationTask> Resolve(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) throw new UsageException("--tasks names no task");
        return [.. names.Select(Resolve1)];
    }

    /// <summary>The directory of a run.</summary>
    public static string OutputFor(string model, IReadOnlyList<EvaluationTask> tasks, string? shard)
    {
        var name = string.Join('+', tasks.Select(task => task.Name));
        if (name.Length > LongestName) name = FormattableString.Invariant($"{tasks[0].Name}+{tasks.Count - 1}-more");
        var part = shard is null ? "" : "-" + shard.Replace("/", "of", StringComparison.Ordinal);
        return Path.Combine("eval", $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)))}-{name}{part}");
    }

    private static EvaluationTask Resolve1(string name)
    {
        if (name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal)) return TaskFile.Read(name);
        if (BuiltInTasks.Find(name) is { } task) return task;
        var nearest = NearestName.Question(name, BuiltInTasks.Names);
        var hint = nearest.Length > 0 ? nearest : $"; there are {string.Join(", ", BuiltInTasks.Names)}, and task files (.yaml)";
        throw new UsageException($"there is no task '{name}'{hint}");
    }
}
