using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace TaH.Engine;

/// <summary>A tensor as the header declares it; the offsets count from the first data byte.</summary>
internal sealed record SafetensorsEntry(string Name, TensorType Type, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>The product of the shape; checked for overflow when the entry was read.</summary>
    public long ElementCount { get; } = Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Reads the JSON header of a safetensors file, one token at a time: nothing is allocated beyond what the header's bytes carry.</summary>
/// <remarks>Source: the format description in github.com/huggingface/safetensors.</remarks>
internal ref struct SafetensorsHeader
{
    // { name: { "shape": [ ... ] } } is three levels deep.
    private const int MaxDepth = 4;
    private const int MaxRank = 16;
    private const int MaxNameBytes = 1_024;

    /// <summary>Far more than any model has; a header of the largest size could declare millions.</summary>
    private const int MaxTensors = 100_000;

    private readonly string _file;
    private Utf8JsonReader _reader;

    private SafetensorsHeader(string file, ReadOnlySpan<byte> json)
    {
        _file = file;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads a header into its tensors (in the header's order) and its metadata.</summary>
    /// <exception cref="CheckpointException">The header is not JSON of the form that safetensors describes.</exception>
    public static (List<SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) Read(string file, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) throw new CheckpointException(file, "header", "is not valid UTF-8");
        try
        {
            return new SafetensorsHeader(file, json).ReadAll();
        }
        catch (JsonException error)
        {
            throw new CheckpointException(file, "header", JsonFile.Describe(error), error);
        }
    }

    private (List<SafetensorsEntry>, Dictionary<string, string>) ReadAll()
    {
        var tensors = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        Next(JsonTokenType.StartObject, "header", "an object");
        while (NextMember("header") is { } name)
        {
            if (!names.Add(name)) throw Fault(Words.Name(name), "appears twice in the header");
            if (names.Count > MaxTensors) throw Fault("header", $"declares more than {Words.Grouped(MaxTensors)} tensors");
            if (name == "__metadata__") ReadMetadata(metadata);
            else tensors.Add(ReadTensor(name));
        }

        // Reads to the end, so that anything but white space after the object is refused.
        if (_reader.Read()) throw Fault("header", "goes on after its object");
        return (tensors, metadata);
    }

    private void ReadMetadata(Dictionary<string, string> metadata)
    {
        Next(JsonTokenType.StartObject, "__metadata__", "an object");
        while (NextMember("__metadata__") is { } key)
        {
            Next(JsonTokenType.String, $"__metadata__.{Words.Name(key)}", "a string");
            if (!metadata.TryAdd(key, Text("__metadata__"))) throw Fault($"__metadata__.{Words.Name(key)}", "appears twice");
        }
    }

    private SafetensorsEntry ReadTensor(string name)
    {
        var field = Words.Name(name);
        TensorType? type = null;
        ImmutableArray<long> shape = default, offsets = default;
        Next(JsonTokenType.StartObject, field, "an object");
        while (NextMember(field) is { } key)
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Next(JsonTokenType.String, $"{field}.dtype", "a string");
                    var label = Text(field);
                    type = TensorTypes.FromLabel(label) ?? throw Fault(field, $"has dtype {Words.Quoted(label)}, which is not supported");
                    break;
                case "shape" when shape.IsDefault:
                    shape = ReadNumbers($"{field}.shape");
                    break;
                case "data_offsets" when offsets.IsDefault:
                    offsets = ReadNumbers($"{field}.data_offsets");
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fault($"{field}.{key}", "appears twice");
                default:
                    throw Fault($"{field}.{Words.Name(key)}", "is not a key of safetensors (dtype, shape, data_offsets)");
            }
        }

        if (type is null) throw Fault($"{field}.dtype", "is missing");
        if (shape.IsDefault) throw Fault($"{field}.shape", "is missing");
        if (offsets.IsDefault) throw Fault($"{field}.data_offsets", "is missing");
        if (offsets.Length != 2) throw Fault($"{field}.data_offsets", $"has {offsets.Length} numbers, two were expected");
        return Checked(field, new(name, type.Value, shape, offsets[0], offsets[1]));
    }

    private readonly SafetensorsEntry Checked(string field, SafetensorsEntry entry)
    {
        Int128 bytes = entry.Type.ByteSize;
        foreach (var size in entry.Shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue) throw Fault(field, $"has shape {Words.Shape(entry.Shape)}, more bytes than a 64-bit number can count");
        }

        if (entry.Begin > entry.End) throw Fault(field, $"ends at offset {Words.Grouped(entry.End)}, before its start {Words.Grouped(entry.Begin)}");
        if (entry.End - entry.Begin == bytes) return entry;
        throw Fault(field, $"has {Words.Grouped(entry.End - entry.Begin)} bytes, "
            + $"{entry.Type.Label} {Words.Shape(entry.Shape)} takes {Words.Grouped((long)bytes)}");
    }

    private ImmutableArray<long> ReadNumbers(string field)
    {
        Next(JsonTokenType.StartArray, field, "an array");
        var numbers = ImmutableArray.CreateBuilder<long>();
        while (Read(field) != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.Number) throw Fault(field, "holds something other than numbers");
            if (!_reader.TryGetInt64(out var number)) throw Fault(field, "holds a number that is no whole 64-bit number");
            if (number < 0) throw Fault(field, $"holds the negative number {number}");
            if (numbers.Count == MaxRank) throw Fault(field, $"has more than {MaxRank} numbers");
            numbers.Add(number);
        }

        return numbers.ToImmutable();
    }

    private string? NextMember(string field)
    {
        if (Read(field) == JsonTokenType.EndObject) return null;
        return _reader.ValueSpan.Length <= MaxNameBytes
            ? Text(field)
            : throw Fault(field, $"has a name of {Words.Grouped(_reader.ValueSpan.Length)} bytes, at most {Words.Grouped(MaxNameBytes)} are read");
    }

    private void Next(JsonTokenType expected, string field, string what)
    {
        if (Read(field) != expected) throw Fault(field, $"expected {what}, found {_reader.TokenType}");
    }

    private JsonTokenType Read(string field) => _reader.Read() ? _reader.TokenType : throw Fault(field, "ends too early");

    private readonly string Text(string field)
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new CheckpointException(_file, field, "has an escape that is no Unicode character", error);
        }
    }

    private readonly CheckpointException Fault(string field, string fact) => new(_file, field, fact);
}
