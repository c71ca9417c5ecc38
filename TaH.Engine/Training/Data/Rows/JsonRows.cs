using System.Text.Json;

namespace TaH.Engine;

/// <summary>Rows out of JSON lines: an object a line.</summary>
internal static class JsonRows
{
    /// <summary>Reads a file row by row.</summary>
    /// <exception cref="BadFileException">A line is no row; the message names line and field.</exception>
    public static IEnumerable<TrainingRow> Read(string path)
    {
        foreach (var (number, line) in JsonLines.Read(path)) yield return Parse(new RowPlace(path, number, IsLine: true), line.Span);
    }

    /// <summary>Reads one line.</summary>
    /// <exception cref="BadFileException">It is no row.</exception>
    public static TrainingRow Parse(RowPlace place, ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject) throw place.Error(null, "is JSON, but not an object");
            var fields = new RowFields(place);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName) ReadField(ref json, json.GetString()!, fields, place);
            if (json.Read()) throw place.Error(null, "goes on behind its object");
            return fields.ToRow();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The latter: bytes or escapes that are no text.
            throw place.Error(null, "is not a JSON object", error);
        }
    }

    private static void ReadField(ref Utf8JsonReader json, string name, RowFields fields, RowPlace place)
    {
        json.Read();
        switch (name)
        {
            case var _ when json.TokenType == JsonTokenType.Null:
                break;
            case RowFields.RealToken or RowFields.Mask or RowFields.Mismatch:
                Add(fields.Numbers, name, ReadNumbers(ref json, name, place), place);
                break;
            case RowFields.Prompt or RowFields.Response or RowFields.Text:
                Add(fields.Strings, name, ReadString(ref json, name, place), place);
                break;
            case RowFields.DataId or RowFields.Id when json.TokenType == JsonTokenType.Number:
                Add(fields.Strings, name, System.Text.Encoding.UTF8.GetString(json.ValueSpan), place);
                break;
            case RowFields.DataId or RowFields.Id when json.TokenType == JsonTokenType.String:
                Add(fields.Strings, name, json.GetString()!, place);
                break;
            case RowFields.Kind when json.TokenType == JsonTokenType.String:
                Add(fields.Strings, name, json.GetString()!, place);
                break;
            case RowFields.Messages:
                if (fields.Turns is not null) throw place.Error(name, "stands twice");
                fields.Turns = ReadMessages(ref json, place);
                break;
            default:
                json.Skip();
                break;
        }
    }

    private static void Add<T>(Dictionary<string, T> fields, string name, T value, RowPlace place)
    {
        if (!fields.TryAdd(name, value)) throw place.Error(name, "stands twice");
    }

    private static int[] ReadNumbers(ref Utf8JsonReader json, string name, RowPlace place)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw place.Error(name, "is no list of whole numbers");
        var numbers = new List<int>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(json.TokenType switch
            {
                JsonTokenType.Number when json.TryGetInt32(out var number) => number,
                JsonTokenType.True => 1,
                JsonTokenType.False => 0,
                _ => throw place.Error(name, $"entry {numbers.Count} is no whole number"),
            });
        }
        return [.. numbers];
    }

    private static string ReadString(ref Utf8JsonReader json, string name, RowPlace place) =>
        json.TokenType == JsonTokenType.String ? json.GetString()! : throw place.Error(name, "is no string");

    private static List<ChatMessage> ReadMessages(ref Utf8JsonReader json, RowPlace place)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw place.Error(RowFields.Messages, "is no list of turns");
        var turns = new List<ChatMessage>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var name = $"{RowFields.Messages}[{turns.Count}]";
            if (json.TokenType != JsonTokenType.StartObject) throw place.Error(name, "is no object with role and content");
            string? role = null, content = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var member = json.GetString();
                json.Read();
                if (member == "role") role = ReadString(ref json, name + ".role", place);
                else if (member == "content") content = ReadString(ref json, name + ".content", place);
                else json.Skip();
            }
            if (role is null || content is null) throw place.Error($"{name}.{(role is null ? "role" : "content")}", "is missing");
            turns.Add(new ChatMessage(role, content));
        }
        return turns;
    }
}
