using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Samples as JSON lines.</summary>
public static class SampleLines
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a file of samples, or that of a run's directory.</summary>
    /// <exception cref="BadFileException">A line is malformed, or a sample stands twice; the message names the line.</exception>
    public static List<EvaluationSample> Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, RunDirectory.SamplesName) : path;
        var samples = new List<EvaluationSample>();
        var lines = new Dictionary<(string, string, int), long>();
        foreach (var (number, line) in JsonLines.Read(file))
        {
            var place = new RowPlace(file, number, IsLine: true);
            var sample = Parse(place, line);
            if (!lines.TryAdd(sample.Key, number))
                throw place.Error("id", $"sample {sample.Sample} of {Words.Quoted(sample.Id)} stands in line {lines[sample.Key]:N0}, too");
            samples.Add(sample);
        }
        return samples;
    }

    /// <summary>The line of a sample, with its end.</summary>
    internal static byte[] Line(EvaluationSample sample) => [.. JsonSerializer.SerializeToUtf8Bytes(sample, Options), (byte)'\n'];

    private static EvaluationSample Parse(RowPlace place, ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationSample>(line.Span, Options) ?? throw place.Error(null, "is no sample");
        }
        catch (JsonException error)
        {
            var field = error.Path is { Length: > 2 } path ? path[2..] : null;
            var missing = error.Message.Contains("missing required", StringComparison.Ordinal) ? "lacks fields that every sample has" : "is no sample of an evaluation";
            throw place.Error(field, field is null ? missing : "has a value that cannot be there", error);
        }
    }
}
