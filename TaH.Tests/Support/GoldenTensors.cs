using System.Runtime.InteropServices;
using System.Text.Json;

namespace TaH.Tests;

/// <summary>One array of a golden file.</summary>
/// <param name="Type">The format's name of the element type: F32, I64, BOOL, ...</param>
/// <param name="Shape">The sizes, outermost first.</param>
/// <param name="Bytes">The elements.</param>
internal sealed record GoldenTensor(string Type, int[] Shape, byte[] Bytes)
{
    /// <summary>The elements of an F32 or BF16 array.</summary>
    public float[] Floats => Type switch
    {
        "F32" => MemoryMarshal.Cast<byte, float>(Bytes).ToArray(),
        "BF16" => [.. MemoryMarshal.Cast<byte, ushort>(Bytes).ToArray().Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
        _ => throw new InvalidDataException($"{Type} is not a floating-point type that golden files use"),
    };

    /// <summary>The elements of an array of whole numbers or truth values (0 and 1).</summary>
    public int[] Ints => Type switch
    {
        "I64" => [.. MemoryMarshal.Cast<byte, long>(Bytes).ToArray().Select(value => checked((int)value))],
        "I32" => MemoryMarshal.Cast<byte, int>(Bytes).ToArray(),
        "U8" or "BOOL" => [.. Bytes.Select(value => (int)value)],
        _ => throw new InvalidDataException($"{Type} is not an integer type that golden files use"),
    };
}

/// <summary>
/// The arrays of a golden safetensors file. Deliberately apart from the reader under test: a few lines that trust the file.
/// </summary>
internal sealed class GoldenTensors
{
    private readonly Dictionary<string, GoldenTensor> _tensors = [];

    private GoldenTensors(byte[] file)
    {
        var headerLength = checked((int)BitConverter.ToInt64(file));
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        foreach (var entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32() + 8 + headerLength).ToArray();
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()).ToArray();
            _tensors[entry.Name] = new GoldenTensor(entry.Value.GetProperty("dtype").GetString()!, shape, file[offsets[0]..offsets[1]]);
        }
    }

    /// <summary>The names in the file.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>One array; the failure names it if the file has no such array.</summary>
    public GoldenTensor this[string name] => _tensors.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException($"no array {name}");

    /// <summary>Reads a file of the fixtures.</summary>
    /// <param name="path">Its path below Fixtures.</param>
    public static GoldenTensors Open(string path) => new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", path)));
}
