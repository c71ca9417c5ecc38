using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>run.json: what a run was told to do, and on what; for reports.</summary>
public static class RunSettingsFile
{
    /// <summary>Its name in a run's output directory.</summary>
    public const string FileName = "run.json";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes the file.</summary>
    /// <exception cref="BadFileException">The disk refuses.</exception>
    internal static void Write(string directory, TrainingRecipe recipe, TrainingPlan plan)
    {
        var settings = new JsonObject
        {
            ["run"] = JsonSerializer.SerializeToNode(plan, Format), ["recipe"] = JsonSerializer.SerializeToNode(recipe, Format),
        };
        AtomicOutput.Write(Path.Combine(directory, FileName), stream => JsonSerializer.Serialize(stream, settings, Format));
    }

    /// <summary>The settings of a run by name, those of sections with a dot; none where the file is not there.</summary>
    /// <param name="directory">The run's output directory.</param>
    /// <exception cref="BadFileException">The file is damaged.</exception>
    public static IReadOnlyList<(string Name, string Value)> Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) return [];
        try
        {
            using var json = JsonDocument.Parse(InputFile.ReadText(path, "settings"));
            return [.. json.RootElement.EnumerateObject().SelectMany(section => Flat(section.Value, string.Empty))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new BadFileException(path, null, "holds no settings of a run", error);
        }
    }

    private static IEnumerable<(string Name, string Value)> Flat(JsonElement section, string prefix)
    {
        foreach (var member in section.EnumerateObject())
        {
            var (name, value) = (prefix + member.Name, member.Value);
            if (value.ValueKind == JsonValueKind.Object)
                foreach (var inner in Flat(value, name + ".")) yield return inner;
            else yield return (name, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }
    }
}
