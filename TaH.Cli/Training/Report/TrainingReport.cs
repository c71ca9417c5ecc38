using System.Text.Json;

namespace TaH.Cli;

/// <summary>Runs as one page that needs no network: every point of their metrics, settings, results, and what draws them.</summary>
internal static class TrainingReport
{
    // Evaluations stand under the names of what they are drawn over.
    private static readonly (string Key, Func<StepMetrics, double?> Step, Func<EvaluationMetrics, double?>? Evaluation)[] Curves =
    [
        ("step", step => step.Step, evaluation => evaluation.Step),
        ("loss", step => step.Loss, evaluation => evaluation.Loss),
        ("hard_loss", step => step.HardLoss, evaluation => evaluation.HardLoss),
        ("decider_loss", step => step.DeciderLoss, null),
        ("accuracy", step => step.Accuracy, evaluation => evaluation.Accuracy),
        ("hard_accuracy", step => step.HardAccuracy, evaluation => evaluation.HardAccuracy),
        ("average_iterations", step => step.AverageIterations, evaluation => evaluation.AverageIterations),
        ("learning_rate", step => step.LearningRate, null),
        ("gradient_norm", step => step.GradientNorm, null),
        ("tokens_per_second", step => step.TokensPerSecond, null),
        ("flops_per_second", step => step.Flops > 0 ? step.FlopsPerSecond : null, null),
    ];

    /// <summary>The page's text.</summary>
    public static string Of(IReadOnlyList<ReportedRun> runs) => HtmlPage.Of("report", JsonLine.Write(json =>
    {
        json.WriteStartArray("runs");
        foreach (var run in runs) Write(json, run);
        json.WriteEndArray();
    }));

    private static void Write(Utf8JsonWriter json, ReportedRun run)
    {
        json.WriteStartObject();
        json.WriteString("name", run.Name);
        WritePairs(json, "results", run.Results());
        WritePairs(json, "settings", run.Settings);
        json.WriteStartObject("steps");
        foreach (var curve in Curves) WriteNumbers(json, curve.Key, run.Metrics.Steps.Select(curve.Step));
        json.WriteEndObject();
        json.WriteStartObject("evaluations");
        foreach (var curve in Curves)
            if (curve.Evaluation is not null) WriteNumbers(json, curve.Key, run.Metrics.Evaluations.Select(curve.Evaluation));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePairs(Utf8JsonWriter json, string name, IEnumerable<(string Name, string Value)> pairs)
    {
        json.WriteStartArray(name);
        foreach (var pair in pairs)
        {
            json.WriteStartArray();
            json.WriteStringValue(pair.Name);
            json.WriteStringValue(pair.Value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>Numbers to the digits that f32 has, more than any picture; null for what is none.</summary>
    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<double?> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            if (number is { } value && float.IsFinite((float)value)) json.WriteNumberValue((float)value);
            else json.WriteNullValue();
        }
        json.WriteEndArray();
    }
}
