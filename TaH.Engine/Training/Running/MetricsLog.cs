using System.Text;

namespace TaH.Engine;

/// <summary>Writes metrics.jsonl, line by line as things happen.</summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Opens the log. Lines of steps behind the one that a run goes on from are removed: those steps come again.</summary>
    /// <param name="directory">The output directory.</param>
    /// <param name="firstStep">0 for a new run, which begins a new log.</param>
    /// <exception cref="BadFileException">It cannot be read, or not be written.</exception>
    public MetricsLog(string directory, int firstStep)
    {
        _path = Path.Combine(directory, MetricsFile.FileName);
        string[] kept = firstStep > 0 && File.Exists(_path) ? InputFile.Guard(_path, () => Kept(firstStep)) : [];
        AtomicOutput.Write(_path, stream =>
        {
            foreach (var line in kept) stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        });
        _file = Guard(() => new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
    }

    /// <summary>Adds a step.</summary>
    /// <exception cref="BadFileException">The disk refuses.</exception>
    public void Add(StepMetrics metrics) => Add(MetricsFile.Line(metrics));

    /// <summary>Adds an evaluation.</summary>
    /// <exception cref="BadFileException">The disk refuses.</exception>
    public void Add(EvaluationMetrics metrics) => Add(MetricsFile.Line(metrics));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Add(string line) => Guard(() =>
    {
        _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        return true;
    });

    private string[] Kept(int lastStep) => [.. File.ReadLines(_path).Where(line => MetricsFile.StepOf(line) <= lastStep)];

    private T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(
                _path, null, $"cannot be written: {refused.Message.TrimEnd('.')}; the same command goes on from the last state", refused);
        }
    }
}
