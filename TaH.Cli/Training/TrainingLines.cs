using System.Text.Json;

namespace TaH.Cli;

/// <summary>A run for scripts: a JSON object a line on standard output.</summary>
internal sealed class TrainingLines(Terminal terminal) : ITrainingObserver
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public void Started(TrainingPlan run) => terminal.Remark($"training: {run.Steps:N0} steps on {run.Device}");

    public void Stepped(StepMetrics metrics) => terminal.WriteLine(JsonSerializer.Serialize(metrics, Format));

    public void Evaluated(EvaluationMetrics metrics) => terminal.WriteLine(JsonSerializer.Serialize(metrics, Format));

    public void Saved(string path) => terminal.Remark($"saved: {path}");
}
