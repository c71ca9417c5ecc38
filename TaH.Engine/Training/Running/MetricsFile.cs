using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>metrics.jsonl: a JSON object a step and one an evaluation, each a line.</summary>
public static class MetricsFile
{
    /// <summary>Its name in a run's output directory.</summary>
    public const string FileName = "metrics.jsonl";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The line of a step, without its end.</summary>
    public static string Line(StepMetrics metrics) => JsonSerializer.Serialize(metrics, Format);

    /// <summary>The line of an evaluation, without its end.</summary>
    public static string Line(EvaluationMetrics metrics) => JsonSerializer.Serialize(metrics, Format);

    /// <summary>Reads the metrics of a run, of one that still lasts, too.</summary>
    /// <param name="directory">The run's output directory.</param>
    /// <exception cref="BadFileException">There are none, or a line but the last is damaged.</exception>
    public static RunMetrics Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var (steps, evaluations) = (new List<StepMetrics>(), new List<EvaluationMetrics>());
        BadFileException? damage = null;
        foreach (var (number, line) in JsonLines.Read(path))
        {
            // What comes behind a damaged line shows that no killed process left it.
            if (damage is not null) throw damage;
            try
            {
                using var json = JsonDocument.Parse(line);
                Add(json.RootElement, steps, evaluations);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
            {
                damage = new BadFileException(path, $"line {number}", "is no line of metrics: an object with step and loss was expected", error);
            }
        }
        if (steps.Count == 0 && evaluations.Count == 0) throw damage ?? new BadFileException(path, null, "holds no step; has the run begun?");
        return new RunMetrics(steps, evaluations);
    }

    /// <summary>The step of a line; none for a line that a killed run left torn.</summary>
    internal static int? StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt32();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void Add(JsonElement line, List<StepMetrics> steps, List<EvaluationMetrics> evaluations)
    {
        bool Has(string key) => line.TryGetProperty(key, out _);
        if (!Has("step") || !(Has("loss") || Has("eval_loss"))) throw new JsonException();
        if (Has("eval_loss")) evaluations.Add(line.Deserialize<EvaluationMetrics>(Format)!);
        else steps.Add(line.Deserialize<StepMetrics>(Format)!);
    }
}

/// <summary>The metrics of a run, in the order in which they came.</summary>
/// <param name="Steps">A record a step.</param>
/// <param name="Evaluations">A record an evaluation.</param>
public sealed record RunMetrics(IReadOnlyList<StepMetrics> Steps, IReadOnlyList<EvaluationMetrics> Evaluations);
