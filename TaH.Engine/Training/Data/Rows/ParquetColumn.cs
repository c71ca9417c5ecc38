using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace TaH.Engine;

/// <summary>A column of a row group, parted into rows by its repetition levels.</summary>
internal sealed class ParquetColumn<T>
{
    private readonly T[] _values;
    private readonly int[] _starts; // of each row among the values, and one more
    private readonly HashSet<int> _absent = [];
    private readonly HashSet<int> _holed = [];

    /// <summary>Parts the values.</summary>
    /// <param name="values">Those that are there, in order; behind them there may be room that nothing is in.</param>
    /// <param name="repetitions">A level an entry, 0 where a row begins; empty for a column without lists.</param>
    /// <param name="definitions">A level an entry, the highest where there is a value; empty where all are there.</param>
    /// <param name="field">Says what the levels mean.</param>
    /// <param name="rows">Rows of the group.</param>
    public ParquetColumn(T[] values, ReadOnlySpan<int> repetitions, ReadOnlySpan<int> definitions, DataField field, int rows)
    {
        _values = values;
        _starts = new int[rows + 1];
        var (highest, entries) = (field.MaxDefinitionLevel, Math.Max(definitions.Length, repetitions.Length));
        if (entries == 0) entries = values.Length;
        var (row, value) = (-1, 0);
        for (var entry = 0; entry < entries; entry++)
        {
            if (repetitions.IsEmpty || repetitions[entry] == 0) _starts[++row] = value;
            var definition = definitions.IsEmpty ? highest : definitions[entry];
            if (definition == highest) value++;
            else if (field.MaxRepetitionLevel > 0 && field.IsNullable && definition == highest - 1) _holed.Add(row);
            else if (definition == 0) _absent.Add(row);
        }
        if (row + 1 != rows || value > values.Length)
            throw new InvalidDataException($"column {field.Path} has levels for {row + 1} rows and {value} values, of {rows} and {values.Length}");
        _starts[rows] = value;
    }

    /// <summary>The values of a row; null where the row has no such field.</summary>
    /// <exception cref="BadFileException">There is a null among them.</exception>
    public T[]? Row(int row, RowPlace place, string name)
    {
        if (_holed.Contains(row)) throw place.Error(name, "has a null among its entries");
        return _absent.Contains(row) ? null : _values[_starts[row].._starts[row + 1]];
    }
}

/// <summary>Reads columns, whatever type of number or text they are stored in.</summary>
internal static class ParquetColumn
{
    /// <summary>Whole numbers; yes and no count as 1 and 0.</summary>
    /// <exception cref="InvalidDataException">The column holds something else.</exception>
    public static ParquetColumn<int> ReadNumbers(ParquetRowGroupReader group, DataField field) => Read(group, field, data => data switch
    {
        RawColumnData<int> ints => ints.Values.ToArray(),
        RawColumnData<long> longs => Convert(longs, value => checked((int)value)),
        RawColumnData<uint> uints => Convert(uints, value => checked((int)value)),
        RawColumnData<ulong> ulongs => Convert(ulongs, value => checked((int)value)),
        RawColumnData<short> shorts => Convert(shorts, value => (int)value),
        RawColumnData<ushort> ushorts => Convert(ushorts, value => (int)value),
        RawColumnData<byte> bytes => Convert(bytes, value => (int)value),
        RawColumnData<sbyte> sbytes => Convert(sbytes, value => (int)value),
        RawColumnData<bool> flags => Convert(flags, value => value ? 1 : 0),
        _ => throw new InvalidDataException($"column {field.Path} holds {field.ClrType.Name}; whole numbers were expected"),
    });

    /// <summary>Texts; numbers are written out.</summary>
    /// <exception cref="InvalidDataException">The column holds something else.</exception>
    public static ParquetColumn<string> ReadStrings(ParquetRowGroupReader group, DataField field) => Read(group, field, data => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => Convert(texts, value => value.ToString()),
        RawColumnData<int> ints => Convert(ints, value => FormattableString.Invariant($"{value}")),
        RawColumnData<long> longs => Convert(longs, value => FormattableString.Invariant($"{value}")),
        RawColumnData<float> floats => Convert(floats, value => FormattableString.Invariant($"{value}")),
        RawColumnData<double> doubles => Convert(doubles, value => FormattableString.Invariant($"{value}")),
        _ => throw new InvalidDataException($"column {field.Path} holds {field.ClrType.Name}; text was expected"),
    });

    private static ParquetColumn<T> Read<T>(ParquetRowGroupReader group, DataField field, Func<RawColumnData, T[]> values)
    {
        using var data = Blocking.Wait(() => group.ReadRawColumnDataBaseAsync(field, CancellationToken.None).AsTask());
        var repetitions = field.MaxRepetitionLevel > 0 ? data.RepetitionLevels : [];
        var definitions = field.MaxDefinitionLevel > 0 ? data.DefinitionLevels : [];
        return new ParquetColumn<T>(values(data), repetitions, definitions, field, checked((int)group.RowCount));
    }

    private static TTo[] Convert<TFrom, TTo>(RawColumnData<TFrom> data, Func<TFrom, TTo> convert) where TFrom : struct
    {
        var values = data.Values;
        var result = new TTo[values.Length];
        for (var i = 0; i < result.Length; i++) result[i] = convert(values[i]);
        return result;
    }
}
