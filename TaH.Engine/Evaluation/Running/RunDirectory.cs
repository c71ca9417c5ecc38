using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>The directory of a run: run.json says what was asked for, samples.jsonl has what came of it.</summary>
public static class RunDirectory
{
    internal const string SamplesName = "samples.jsonl";
    private const string RunName = "run.json";
    private const string LockName = "run.lock";

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The settings of a run.</summary>
    /// <exception cref="BadFileException">The directory holds no run.</exception>
    public static JsonObject ReadSettings(string directory)
    {
        var path = Path.Combine(directory, RunName);
        if (!Directory.Exists(directory)) throw new BadFileException(directory, null, "is not a directory; name the --out of an evaluation");
        try
        {
            return JsonNode.Parse(InputFile.ReadText(path, "settings")) as JsonObject ?? throw new BadFileException(path, null, "is no JSON object");
        }
        catch (JsonException error)
        {
            throw new BadFileException(path, $"line {error.LineNumber + 1}", "is no JSON", error);
        }
    }

    /// <summary>The file of a run's samples.</summary>
    internal static string SamplesOf(string directory) => Path.Combine(directory, SamplesName);

    /// <summary>Keeps other processes from writing the same run; a lock of a process that was killed holds nobody up.</summary>
    /// <exception cref="BadFileException">Another process has it, or the directory cannot be written.</exception>
    internal static IDisposable Lock(string directory)
    {
        Create(directory);
        var path = Path.Combine(directory, LockName); // stays there: who deletes it could take it from under another process
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new BadFileException(directory, null, "is in use by another evaluation; wait for it, or name another --out", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(directory, null, $"cannot be written: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>Begins a run, or finds that one with the same settings was begun.</summary>
    /// <exception cref="UsageException">The directory holds a run with other settings; the message says which differ.</exception>
    /// <exception cref="BadFileException">It cannot be written, or holds something else.</exception>
    internal static void Begin(string directory, JsonObject settings)
    {
        Create(directory);
        var path = Path.Combine(directory, RunName);
        if (!File.Exists(path))
        {
            if (File.Exists(SamplesOf(directory))) throw new BadFileException(SamplesOf(directory), null, $"stands without its {RunName}; name another --out");
            Write(directory, settings);
            return;
        }
        var differences = SettingsDifference.Between(ReadSettings(directory), settings);
        if (differences.Count == 0) return;
        throw new UsageException($"{directory} holds a run with other settings: {string.Join("; ", differences)}; use the same, or another --out");
    }

    /// <summary>Writes the settings of a run.</summary>
    internal static void Write(string directory, JsonObject settings) => AtomicOutput.Write(
        Path.Combine(directory, RunName), stream => JsonSerializer.Serialize(stream, settings, Options));

    /// <summary>Puts samples in order, so that the file of a run does not depend on what finished first.</summary>
    internal static void WriteOrdered(string directory, IEnumerable<EvaluationSample> samples, IReadOnlyList<string> tasks)
    {
        var ranks = tasks.Select((name, rank) => (name, rank)).ToDictionary(pair => pair.name, pair => pair.rank, StringComparer.Ordinal);
        AtomicOutput.Write(SamplesOf(directory), stream =>
        {
            foreach (var sample in samples.OrderBy(sample => ranks[sample.Task]).ThenBy(sample => sample.Number).ThenBy(sample => sample.Sample))
                stream.Write(SampleLines.Line(sample));
        });
    }

    private static void Create(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BadFileException(directory, null, $"cannot be written: {error.Message.TrimEnd('.')}", error);
        }
    }
}
