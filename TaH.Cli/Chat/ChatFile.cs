using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaH.Cli;

/// <summary>A saved chat: a JSON array of messages, as chat programs exchange them.</summary>
internal static class ChatFile
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the messages; a file of that name is replaced.</summary>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            using var file = File.Create(path);
            using var json = new Utf8JsonWriter(file, Readable);
            json.WriteStartArray();
            foreach (var message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role);
                json.WriteString("content", message.Content);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{path}: cannot be written: {error.Message.TrimEnd('.')}");
        }
    }
}
