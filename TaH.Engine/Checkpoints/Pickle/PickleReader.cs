using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace TaH.Engine;

/// <summary>Reads the pickle of a <c>torch.save</c> archive into dictionaries, lists, numbers, strings and tensors. Runs no code: an opcode
/// or a global that these do not need is refused by name.</summary>
/// <remarks>Source: Python's pickletools, protocol 2. Every opcode makes at most one value, so memory is bounded by the pickle's length.</remarks>
internal ref struct PickleReader
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private int _opcodeAt;

    private PickleReader(string file, ReadOnlySpan<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
    }

    /// <summary>Reads the one value of a pickle.</summary>
    /// <param name="file">How messages call the archive.</param>
    /// <param name="bytes">The pickle.</param>
    /// <exception cref="CheckpointException">The pickle is damaged, or it uses what tensors and plain data do not need.</exception>
    public static object? Read(string file, ReadOnlySpan<byte> bytes) => new PickleReader(file, bytes).Run();

    private object? Run()
    {
        while (true)
        {
            _opcodeAt = _position;
            var opcode = Take(1)[0];
            if (opcode == '.')
            {
                if (_stack.Count != 1 || _marks.Count != 0) throw Fault($"ends with {_stack.Count} values on its stack, one was expected");
                return _stack[0];
            }

            Execute(opcode);
        }
    }

    private void Execute(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: CheckProtocol(Take(1)[0]); break;
            case (byte)'}': Push(new Dictionary<string, object?>(StringComparer.Ordinal)); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)')': Push(new PickleTuple([])); break;
            case (byte)'(': _marks.Push(_stack.Count); break;
            case (byte)'t': Push(new PickleTuple(PopToMark())); break;
            case 0x85: Push(new PickleTuple(PopMany(1))); break;
            case 0x86: Push(new PickleTuple(PopMany(2))); break;
            case 0x87: Push(new PickleTuple(PopMany(3))); break;
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Take(1)[0]); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8A: Push(ReadLong()); break;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': Push(ReadText()); break;
            case (byte)'c': Push(ReadGlobal()); break;
            case (byte)'q': _memo[Take(1)[0]] = Peek(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case (byte)'h': Push(Recall(Take(1)[0])); break;
            case (byte)'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'Q': Push(Storage(Pop())); break;
            case (byte)'R': Reduce(); break;
            default: throw Fault($"has opcode 0x{opcode:X2}{Printable(opcode)}, which tensors and plain data do not need; refused");
        }
    }

    private readonly void CheckProtocol(byte version)
    {
        if (_opcodeAt != 0 || version != 2) throw Fault($"declares protocol {version}; torch.save writes protocol 2, at the start");
    }

    private long ReadLong()
    {
        var length = Take(1)[0];
        if (length > 8) throw Fault($"has an integer of {length} bytes, at most 8 are read");
        var digits = Take(length);
        long value = length > 0 && (digits[^1] & 0x80) != 0 ? -1 : 0;
        for (var i = length - 1; i >= 0; i--) value = (value << 8) | digits[i];
        return value;
    }

    private string ReadText()
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        if (length > _bytes.Length - _position) throw Fault($"has a string of {Words.Grouped(length)} bytes, more than are left");
        var bytes = Take((int)length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Fault("has a string that is not valid UTF-8");
    }

    private PickleGlobal ReadGlobal()
    {
        var (module, name) = (ReadLine(), ReadLine());
        return PickleGlobal.IsAllowed($"{module}.{name}")
            ? new PickleGlobal($"{module}.{name}")
            : throw Fault($"names the global {Words.Name($"{module}.{name}")}, which tensors and plain data do not need; refused");
    }

    private string ReadLine()
    {
        var length = _bytes[_position..].IndexOf((byte)'\n');
        if (length is < 0 or > 200) throw Fault("has a global without the end of its name");
        var line = Encoding.Latin1.GetString(Take(length));
        _position++;
        return line;
    }

    private void Reduce()
    {
        var (arguments, callee) = (Pop() as PickleTuple, Pop() as PickleGlobal);
        Push((callee?.Name, arguments?.Items) switch
        {
            (PickleGlobal.OrderedDict, []) => new Dictionary<string, object?>(StringComparer.Ordinal),
            (PickleGlobal.RebuildTensor, [TorchStorage storage, long offset, PickleTuple shape, PickleTuple strides, bool, ..]) =>
                new TorchTensor(storage, offset, Sizes(shape), Sizes(strides)),
            _ => throw Fault($"calls {Words.Name(callee?.Name ?? "a value")} with arguments that it does not take; refused"),
        });
    }

    private readonly TorchStorage Storage(object? id)
    {
        // ("storage", torch.FloatStorage, "0", "cpu", 1024): class, entry, device, elements.
        if (id is PickleTuple { Items: ["storage", PickleGlobal { StorageType: { } type }, string key, string, long and >= 0 and var count] })
        {
            return new TorchStorage(type, key, count);
        }

        throw Fault("has a persistent id that is no float32, float16 or bfloat16 storage");
    }

    private readonly long[] Sizes(PickleTuple tuple)
    {
        var sizes = new long[tuple.Items.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = tuple.Items[i] is long size and >= 0 ? size : throw Fault("has a tensor whose sizes or strides are no counts");
        }

        return sizes;
    }

    private readonly void Append(object?[] items)
    {
        if (Peek() is not List<object?> list) throw Fault("appends to something that is no list");
        list.AddRange(items);
    }

    private readonly void SetItems(object?[] items)
    {
        if (Peek() is not Dictionary<string, object?> target || items.Length % 2 != 0) throw Fault("sets items of something that is no dictionary");
        for (var i = 0; i < items.Length; i += 2)
        {
            if (items[i] is not string key) throw Fault("has a dictionary key that is no string");
            if (!target.TryAdd(key, items[i + 1])) throw Fault($"has the key {Words.Quoted(key)} twice in one dictionary");
        }
    }

    private readonly object? Recall(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Fault($"recalls memo {index}, which it never stored");

    private readonly void Push(object? value) => _stack.Add(value);

    private readonly object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Fault("takes a value from an empty stack");

    private readonly object? Pop() => PopMany(1)[0];

    private readonly object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count) throw Fault("takes a value from an empty stack");
        var values = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private readonly object?[] PopToMark()
    {
        if (_marks.Count == 0) throw Fault("looks for a mark that it never set");
        var values = PopMany(_stack.Count - Floor);
        _marks.Pop();
        return values;
    }

    /// <summary>Values below the last mark belong to an outer collection.</summary>
    private readonly int Floor => _marks.Count == 0 ? 0 : _marks.Peek();

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _position) throw Fault("ends in the middle of an opcode; it looks cut off");
        var taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    private static string Printable(byte opcode) => opcode is > 0x20 and < 0x7F ? $" ('{(char)opcode}')" : "";

    private readonly CheckpointException Fault(string fact) => new(_file, $"data.pkl, byte {_opcodeAt}", fact);
}
