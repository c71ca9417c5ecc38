using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace TaH.Engine;

/// <summary>Rows of a Parquet file as JSON objects: texts, numbers, and lists of texts.</summary>
internal static class ParquetTaskRows
{
    /// <summary>Reads a file, a row group at a time.</summary>
    /// <exception cref="BadFileException">It is no Parquet file, or a wanted column holds something else.</exception>
    public static IEnumerable<(RowPlace Place, ReadOnlyMemory<byte> Json)> Read(string path, IReadOnlySet<string>? columns)
    {
        using var stream = TaskRows.Open(path);
        var reader = ParquetRows.Guard(path, null, () => ParquetRows.Open(stream));
        var number = 0L;
        for (var index = 0; index < reader.RowGroupCount; index++)
        {
            var (rows, texts) = ParquetRows.Guard(path, index, () => Load(reader, index, columns));
            for (var row = 0; row < rows; row++)
            {
                var place = new RowPlace(path, ++number, IsLine: false);
                yield return (place, Json(texts, row, place));
            }
        }
    }

    private static (int Rows, List<(string Name, bool IsList, ParquetColumn<string> Values)> Texts) Load(
        ParquetReader reader, int index, IReadOnlySet<string>? columns)
    {
        var source = reader.OpenRowGroupReader(index);
        var texts = new List<(string, bool, ParquetColumn<string>)>();
        foreach (var field in reader.Schema.DataFields)
        {
            var name = field.Path.ToList()[0];
            if (columns?.Contains(name) == false || !source.ColumnExists(field)) continue;
            if (columns is null && !IsReadable(field)) continue;
            texts.Add((name, field.MaxRepetitionLevel > 0, ParquetColumn.ReadStrings(source, field)));
        }
        return (checked((int)source.RowCount), texts);
    }

    private static bool IsReadable(DataField field) =>
        field.MaxRepetitionLevel <= 1 && (field.ClrType == typeof(string) || field.ClrType == typeof(int) || field.ClrType == typeof(long)
            || field.ClrType == typeof(double) || field.ClrType == typeof(float));

    private static ReadOnlyMemory<byte> Json(List<(string Name, bool IsList, ParquetColumn<string> Values)> columns, int row, RowPlace place)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (name, isList, values) in columns)
            {
                if (values.Row(row, place, name) is not { } texts) continue;
                if (!isList)
                {
                    json.WriteString(name, texts[0]);
                    continue;
                }
                json.WriteStartArray(name);
                foreach (var text in texts) json.WriteStringValue(text);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
