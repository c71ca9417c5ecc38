using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Writes objects, one a line.</summary>
/// <param name="output">Where to.</param>
internal sealed class JsonLinesOutput(AtomicOutput output)
{
    private const int FlushAt = 1 << 20;

    // Quotes and control characters are escaped; the rest of a text is left readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt + (1 << 16));

    /// <summary>Writes an object.</summary>
    /// <param name="item">What it is made of.</param>
    /// <param name="writeMembers">Writes the members.</param>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public void Write<T>(T item, Action<Utf8JsonWriter, T> writeMembers)
    {
        using (var json = new Utf8JsonWriter(_buffer, Options))
        {
            json.WriteStartObject();
            writeMembers(json, item);
            json.WriteEndObject();
        }
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAt) Flush();
    }

    /// <summary>Hands over what was written.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public void Flush()
    {
        output.Guard(() => output.Stream.Write(_buffer.WrittenSpan));
        _buffer.ResetWrittenCount();
    }
}
