using System.Buffers.Binary;
using System.Text;

namespace TaH.Engine;

/// <summary>A torch tensor in a pickle: its storage stands beside it in the archive.</summary>
/// <param name="Storage">Number of the storage.</param>
/// <param name="Shape">Its sizes; none for a scalar.</param>
internal sealed record PickledTensor(int Storage, int[] Shape)
{
    /// <summary>Elements.</summary>
    public int Length => Shape.Aggregate(1, (product, size) => product * size);
}

/// <summary>A value that stands in a Python module, such as <c>torch.float32</c>.</summary>
/// <param name="Module">Its module.</param>
/// <param name="Name">Its name.</param>
internal sealed record PickledGlobal(string Module, string Name);

/// <summary>Writes the part of Python's pickle protocol 2 that checkpoints of deciders need, in the form that torch.save writes.</summary>
/// <remarks>Source: pickletools of CPython for the opcodes; torch._utils._rebuild_tensor_v2 for tensors.</remarks>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>A value with everything in it: dictionaries, lists, text, numbers, flags, null, tensors of f32, globals.</summary>
    public static byte[] Write(object? value)
    {
        var writer = new PickleWriter();
        writer.Op(0x80, 2);
        writer.Value(value);
        writer.Op('.');
        return writer._bytes.ToArray();
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null: Op('N'); break;
            case bool flag: Op(flag ? 0x88 : 0x89); break;
            case int number: Integer(number); break;
            case double number: Float(number); break;
            case string text: Text(text); break;
            case PickledGlobal global: Global(global); break;
            case PickledTensor tensor: Tensor(tensor); break;
            case IEnumerable<KeyValuePair<string, object?>> members: Members(members); break;
            case IEnumerable<int> numbers: List(numbers); break;
            default: throw new ArgumentException($"a {value.GetType().Name} is not written to pickles", nameof(value));
        }
    }

    private void Members(IEnumerable<KeyValuePair<string, object?>> members)
    {
        Op('}');
        Op('(');
        foreach (var (key, member) in members)
        {
            Text(key);
            Value(member);
        }
        Op('u');
    }

    private void List(IEnumerable<int> numbers)
    {
        Op(']');
        Op('(');
        foreach (var number in numbers) Integer(number);
        Op('e');
    }

    private void Tensor(PickledTensor tensor)
    {
        Global(new PickledGlobal("torch._utils", "_rebuild_tensor_v2"));
        Op('(');
        Op('(');
        Text("storage");
        Global(new PickledGlobal("torch", "FloatStorage"));
        Text(tensor.Storage.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Integer(tensor.Length);
        Op('t');
        Op('Q');
        Integer(0);
        Tuple(tensor.Shape);
        Tuple(Strides(tensor.Shape));
        Op(0x89);
        Global(new PickledGlobal("collections", "OrderedDict"));
        Op(')');
        Op('R');
        Op('t');
        Op('R');
    }

    private static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        for (int i = shape.Length - 1, stride = 1; i >= 0; stride *= shape[i], i--) strides[i] = stride;
        return strides;
    }

    private void Tuple(int[] numbers)
    {
        foreach (var number in numbers) Integer(number);
        Op(numbers.Length switch { 0 => ')', 1 => 0x85, 2 => 0x86, _ => throw new ArgumentException("tensors of deciders have two sizes at most", nameof(numbers)) });
    }

    private void Integer(int number)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(four, number);
        var count = number switch { >= 0 and <= byte.MaxValue => 1, >= 0 and <= ushort.MaxValue => 2, _ => 4 };
        Op(count switch { 1 => 'K', 2 => 'M', _ => 'J' });
        _bytes.Write(four[..count]);
    }

    private void Float(double number)
    {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(eight, number);
        Op('G');
        _bytes.Write(eight);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        Op('X');
        _bytes.Write(length);
        _bytes.Write(bytes);
    }

    private void Global(PickledGlobal global)
    {
        Op('c');
        _bytes.Write(Encoding.ASCII.GetBytes($"{global.Module}\n{global.Name}\n"));
    }

    private void Op(params ReadOnlySpan<int> bytes)
    {
        foreach (var value in bytes) _bytes.WriteByte((byte)value);
    }
}
