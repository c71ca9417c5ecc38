using System.Text.Json;

namespace TaH.Engine;

/// <summary>Labelled rows as JSON lines.</summary>
internal sealed class JsonLabelWriter : ILabelWriter
{
    private readonly AtomicOutput _output;
    private readonly JsonLinesOutput _lines;
    private readonly LabelRequest _request;

    public JsonLabelWriter(LabelRequest request)
    {
        _request = request;
        _output = new AtomicOutput(request.Output);
        _lines = new JsonLinesOutput(_output);
    }

    /// <inheritdoc/>
    public void Write(LabelledTokens row) => _lines.Write(row, WriteMembers);

    /// <inheritdoc/>
    public void Complete()
    {
        _lines.Flush();
        _output.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void WriteMembers(Utf8JsonWriter json, LabelledTokens row)
    {
        json.WriteString(RowFields.DataId, row.Id);
        if (row.Kind is { } kind) json.WriteString(RowFields.Kind, kind);
        json.WriteString(LabelFields.RealText, row.Text);
        WriteList(json, RowFields.RealToken, row.Tokens, (writer, value) => writer.WriteNumberValue(value));
        WriteList(json, RowFields.Mask, row.Mask, (writer, value) => writer.WriteNumberValue(value));
        WriteList(json, RowFields.Mismatch, row.Mismatch, (writer, value) => writer.WriteNumberValue(value));
        if (_request.Entropy) WriteList(json, LabelFields.Entropy, row.Entropy, (writer, value) => writer.WriteNumberValue(value));
        if (_request.CrossEntropy) WriteList(json, LabelFields.CrossEntropy, row.CrossEntropy, (writer, value) => writer.WriteNumberValue(value));
    }

    private static void WriteList<T>(Utf8JsonWriter json, string name, T[] values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values) write(json, value);
        json.WriteEndArray();
    }
}

/// <summary>Names of fields that are written and not read.</summary>
internal static class LabelFields
{
    public const string RealText = "real_text", Entropy = "entropy", CrossEntropy = "cross_entropy";
}
