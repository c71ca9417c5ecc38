using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>metrics.jsonl: a line a step and a line an evaluation, written as they happen.</summary>
internal sealed class MetricsLog : IDisposable
{
    /// <summary>Its name in the output directory.</summary>
    public const string FileName = "metrics.jsonl";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly StreamWriter _writer;

    /// <summary>Opens the log. Lines of steps behind the one that a run goes on from are removed: those steps come again.</summary>
    /// <param name="directory">The output directory.</param>
    /// <param name="firstStep">0 for a new run, which begins a new log.</param>
    public MetricsLog(string directory, int firstStep)
    {
        var path = Path.Combine(directory, FileName);
        string[] kept = firstStep > 0 && File.Exists(path) ? [.. File.ReadLines(path).Where(line => StepOf(line) <= firstStep)] : [];
        var temporary = path + ".tmp";
        File.WriteAllLines(temporary, kept);
        File.Move(temporary, path, overwrite: true);
        _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    }

    /// <summary>Adds a step.</summary>
    public void Add(StepMetrics metrics) => _writer.WriteLine(JsonSerializer.Serialize(metrics, Format));

    /// <summary>Adds an evaluation.</summary>
    public void Add(EvaluationMetrics metrics) => _writer.WriteLine(JsonSerializer.Serialize(
        new { metrics.Step, EvalLoss = metrics.Loss, EvalAccuracy = metrics.Accuracy, EvalAverageIterations = metrics.AverageIterations }, Format));

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>The step of a line; none for a line that a killed run left torn.</summary>
    private static int StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("step", out var step) ? step.GetInt32() : int.MaxValue;
        }
        catch (JsonException)
        {
            return int.MaxValue;
        }
    }
}
