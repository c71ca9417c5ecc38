using Parquet;

namespace TaH.Engine;

/// <summary>Rows out of a Parquet file, a row group at a time.</summary>
internal static class ParquetRows
{
    // Parquet.Net goes round and round in some damaged footers; sound ones of any size take a second or so.
    private static readonly TimeSpan LongestOpening = TimeSpan.FromSeconds(30);

    private static readonly string[] Lists = [RowFields.RealToken, RowFields.Mask, RowFields.Mismatch];
    private static readonly string[] Strings = [RowFields.Prompt, RowFields.Response, RowFields.Text, RowFields.DataId, RowFields.Id, RowFields.Kind];

    /// <summary>Reads a file; only the columns that rows are known by are looked at.</summary>
    /// <exception cref="BadFileException">It is no Parquet file, or a row cannot be used; the message names row and field.</exception>
    public static IEnumerable<TrainingRow> Read(string path)
    {
        using var stream = DataFile.Open(path);
        var reader = Guard(path, null, () => Open(stream));
        var first = 1L;
        for (var index = 0; index < reader.RowGroupCount; index++)
        {
            var group = Guard(path, index, () => Group.Load(reader, index));
            for (var row = 0; row < group.RowCount; row++) yield return group.Row(row, new RowPlace(path, first + row, IsLine: false));
            first += group.RowCount;
        }
    }

    /// <summary>How many rows a file has.</summary>
    /// <exception cref="BadFileException">It is no Parquet file.</exception>
    public static long Count(string path)
    {
        using var stream = DataFile.Open(path);
        return Guard(path, null, () => Open(stream).RowGroups.Sum(group => group.RowCount));
    }

    /// <summary>Opens a file; one whose footer has no end is given up.</summary>
    internal static ParquetReader Open(Stream stream)
    {
        var opening = Task.Run(() => ParquetReader.CreateAsync(stream));
        // Not Wait: an error would come wrapped.
        if (Task.WaitAny([opening], LongestOpening) < 0) throw new InvalidDataException("its footer has no end; it looks damaged");
        return opening.GetAwaiter().GetResult();
    }

    /// <summary>Turns whatever the library throws at damaged bytes into one sentence.</summary>
    internal static T Guard<T>(string path, int? group, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (BadFileException or OutOfMemoryException))
        {
            // The library meets damaged bytes with whatever exception comes first.
            var place = group is null ? null : $"row group {group}";
            throw new BadFileException(path, place, $"cannot be read as Parquet: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>The columns of a row group that rows are made of.</summary>
    private sealed class Group
    {
        private readonly Dictionary<string, ParquetColumn<int>> _numbers = [];
        private readonly Dictionary<string, ParquetColumn<string>> _strings = [];
        private ParquetColumn<string>? _roles;
        private ParquetColumn<string>? _contents;

        public required int RowCount { get; init; }

        public static Group Load(ParquetReader reader, int index)
        {
            var source = reader.OpenRowGroupReader(index);
            var group = new Group { RowCount = checked((int)source.RowCount) };
            foreach (var field in reader.Schema.DataFields)
            {
                var path = field.Path.ToList();
                if (path is not [var name, ..] || !source.ColumnExists(field)) continue;
                if (Lists.Contains(name)) group._numbers[name] = ParquetColumn.ReadNumbers(source, field);
                else if (Strings.Contains(name) && path.Count == 1) group._strings[name] = ParquetColumn.ReadStrings(source, field);
                else if (name == RowFields.Messages && path[^1] == "role") group._roles = ParquetColumn.ReadStrings(source, field);
                else if (name == RowFields.Messages && path[^1] == "content") group._contents = ParquetColumn.ReadStrings(source, field);
            }
            return group;
        }

        public TrainingRow Row(int row, RowPlace place)
        {
            var fields = new RowFields(place);
            foreach (var (name, column) in _numbers)
            {
                if (column.Row(row, place, name) is { } numbers) fields.Numbers[name] = numbers;
            }
            foreach (var (name, column) in _strings)
            {
                if (column.Row(row, place, name) is [var text]) fields.Strings[name] = text;
            }
            if (_roles is not null && _contents is not null) fields.Turns = Messages(row, place);
            return fields.ToRow();
        }

        private List<ChatMessage>? Messages(int row, RowPlace place)
        {
            var roles = _roles!.Row(row, place, RowFields.Messages + ".role");
            var contents = _contents!.Row(row, place, RowFields.Messages + ".content");
            if (roles is null || contents is null) return null;
            if (roles.Length != contents.Length) throw place.Error(RowFields.Messages, "has turns without role or content");
            return [.. roles.Zip(contents, (role, content) => new ChatMessage(role, content))];
        }
    }
}
