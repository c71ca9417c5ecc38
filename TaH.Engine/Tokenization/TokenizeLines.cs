using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Tokenizes a JSON Lines file: each line a JSON string in, <c>{"ids":[...],"text":...}</c> out.</summary>
/// <param name="tokenizer">What to tokenize with.</param>
public sealed class TokenizeLines(Tokenizer tokenizer)
{
    /// <summary>Reads line by line and gives each result as it is ready; lines that are empty or all white space are passed over.</summary>
    /// <param name="input">The lines.</param>
    /// <param name="inputName">The file's name, for messages.</param>
    /// <returns>One JSON object a line: the ids, and the text that they decode to.</returns>
    /// <exception cref="BadFileException">A line is not a JSON string; the message names the line.</exception>
    public IEnumerable<string> Run(TextReader input, string inputName)
    {
        for (var number = 1; input.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return Tokenize(ReadString(line, inputName, number));
        }
    }

    private static string ReadString(string line, string inputName, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.String) return document.RootElement.GetString()!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Not JSON; or half a surrogate pair, as an escape or as it stands.
            throw new BadFileException(inputName, $"line {number}", "is not a JSON string", e);
        }

        throw new BadFileException(inputName, $"line {number}", "is JSON, but not a string");
    }

    private string Tokenize(string text)
    {
        var ids = tokenizer.Encode(text);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("ids");
            foreach (var id in ids) json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteString("text", tokenizer.Decode(ids));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
