using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TaH.Tests;

/// <summary>Writes pickles opcode by opcode and packs them as torch.save does, so that tests can write what torch.save never would.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [0x80, 2];

    public byte[] Bytes => [.. _bytes];

    public PickleBuilder Op(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Op((byte)opcode);

    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Op('X').Op(BitConverter.GetBytes(utf8.Length));
        return Op(utf8);
    }

    public PickleBuilder Int(int value) => Op('J').Op(BitConverter.GetBytes(value));

    public PickleBuilder Global(string module, string name) => Op('c').Op(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Tuple(params int[] items)
    {
        Op('(');
        foreach (var item in items) Int(item);
        return Op('t');
    }

    /// <summary>A tensor as torch.save writes one.</summary>
    public PickleBuilder Tensor(string storage, string key, int storageElements, int offset, int[] shape, int[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", storage).Text(key).Text("cpu").Int(storageElements).Op('t').Op('Q');
        Int(offset).Tuple(shape).Tuple(strides).Op(0x89);
        return Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');
    }

    /// <summary>The dictionary {class, state_dict, init_args} with whatever <paramref name="state"/> writes as key, value, key, value.</summary>
    public static byte[] Decider(Action<PickleBuilder> state, string className = "MLPIterDecider")
    {
        var pickle = new PickleBuilder().Op('}').Op('(').Text("class").Text(className).Text("state_dict").Op('}').Op('(');
        state(pickle);
        return pickle.Op('u').Text("init_args").Op('}').Op('u').Op('.').Bytes;
    }

    /// <summary>Packs entries under <c>iter_decider/</c>.</summary>
    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry($"iter_decider/{name}", level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries) => Zip(CompressionLevel.NoCompression, entries);

    /// <summary>Overwrites every occurrence of a 32-bit number.</summary>
    public static byte[] Replace(byte[] bytes, uint find, uint replacement)
    {
        var copy = (byte[])bytes.Clone();
        for (var i = 0; i + 4 <= copy.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(copy.AsSpan(i)) == find) BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(i),
                replacement);
        }

        return copy;
    }
}
