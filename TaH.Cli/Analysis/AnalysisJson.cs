using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaH.Cli;

/// <summary>An analysis as one JSON object.</summary>
internal static class AnalysisJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The object on one line: the members of <see cref="AnalysisResult"/>, names with underscores.</summary>
    public static string Of(AnalysisResult result) => JsonSerializer.Serialize(result, Options);
}
