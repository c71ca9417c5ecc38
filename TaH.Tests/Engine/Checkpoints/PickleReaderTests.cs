using System.Text;

namespace TaH.Tests;

public sealed class PickleReaderTests
{
    [Fact]
    public void Reads_plain_data()
    {
        // {"a": [1, 258, -3, 2**40, 0.5, None, True, "é"], "t": ((), (1,), (1, 2), (1, 2, 3))}, written opcode by opcode.
        var pickle = new PickleBuilder().Op('}').Op('(').Text("a").Op(']').Op((byte)'q', 0).Op('(')
            .Op((byte)'K', 1).Op((byte)'M', 2, 1).Int(-3).Op(0x8A, 6, 0, 0, 0, 0, 0, 1).Op((byte)'G', 0x3F, 0xE0, 0, 0, 0, 0, 0, 0)
            .Op('N').Op(0x88).Text("é").Op('e')
            .Text("t").Op('(').Op(')').Op((byte)'K', 1).Op(0x85).Op((byte)'K', 1).Op((byte)'K', 2).Op(0x86)
            .Op((byte)'K', 1).Op((byte)'K', 2).Op((byte)'K', 3).Op(0x87).Op('t').Op('u').Op('.');
        var root = Assert.IsType<Dictionary<string, object?>>(PickleReader.Read("p", pickle.Bytes));

        Assert.Equal([1L, 258L, -3L, 1L << 40, 0.5, null, true, "é"], Assert.IsType<List<object?>>(root["a"]));
        var tuples = Assert.IsType<PickleTuple>(root["t"]).Items.Select(item => ((PickleTuple)item!).Items.Length);
        Assert.Equal([0, 1, 2, 3], tuples);
    }

    [Fact]
    public void Reads_the_memo_and_negative_long_integers()
    {
        var pickle = new PickleBuilder().Op(0x8A, 1, 0xFF).Op((byte)'r', 0, 1, 0, 0).Op((byte)'j', 0, 1, 0, 0).Op(0x86).Op('.');
        Assert.Equal([-1L, -1L], Assert.IsType<PickleTuple>(PickleReader.Read("p", pickle.Bytes)).Items);
    }

    // The pickle behind the protocol's two bytes, and the whole message.
    public static TheoryData<string, string> Hostile => new()
    {
        { "cos\nsystem\n(X\u0002\0\0\0lstR.", "p: data.pkl, byte 2: names the global os.system, which tensors and plain data do not need; refused" },
        { "cbuiltins\neval\n.", "p: data.pkl, byte 2: names the global builtins.eval, which tensors and plain data do not need; refused" },
        { "ctorch\nload\n.", "p: data.pkl, byte 2: names the global torch.load, which tensors and plain data do not need; refused" },
        { "ctorch\nDoubleStorage\n.",
            "p: data.pkl, byte 2: names the global torch.DoubleStorage, which tensors and plain data do not need; refused" },
        { "ctorch\nFloatStorage", "p: data.pkl, byte 2: has a global without the end of its name" },
        { "(ios\nsystem\n.", "p: data.pkl, byte 3: has opcode 0x69 ('i'), which tensors and plain data do not need; refused" },
        { "}}b.", "p: data.pkl, byte 4: has opcode 0x62 ('b'), which tensors and plain data do not need; refused" },
        { "\u0093.", "p: data.pkl, byte 2: has opcode 0x93, which tensors and plain data do not need; refused" },
        { "\u0081.", "p: data.pkl, byte 2: has opcode 0x81, which tensors and plain data do not need; refused" },
        { "\u0095........", "p: data.pkl, byte 2: has opcode 0x95, which tensors and plain data do not need; refused" },
        { "\u0080\u0002N.", "p: data.pkl, byte 2: declares protocol 2; torch.save writes protocol 2, at the start" },
        { "ccollections\nOrderedDict\n(K\u0001tR.",
            "p: data.pkl, byte 31: calls collections.OrderedDict with arguments that it does not take; refused" },
        { "ctorch\nfloat32\n)R.", "p: data.pkl, byte 18: calls torch.float32 with arguments that it does not take; refused" },
        { "N)R.", "p: data.pkl, byte 4: calls a value with arguments that it does not take; refused" },
        { "NQ.", "p: data.pkl, byte 3: has a persistent id that is no float32, float16 or bfloat16 storage" },
        { "X\u00FF\u00FF\u00FF\u00FF.", "p: data.pkl, byte 2: has a string of 4,294,967,295 bytes, more than are left" },
        { "X\u0001\0\0\0\u00FF.", "p: data.pkl, byte 2: has a string that is not valid UTF-8" },
        { "\u008A\u00FF.", "p: data.pkl, byte 2: has an integer of 255 bytes, at most 8 are read" },
        { "h\u0007.", "p: data.pkl, byte 2: recalls memo 7, which it never stored" },
        { ".", "p: data.pkl, byte 2: ends with 0 values on its stack, one was expected" },
        { "NN.", "p: data.pkl, byte 4: ends with 2 values on its stack, one was expected" },
        { "N(.", "p: data.pkl, byte 4: ends with 1 values on its stack, one was expected" },
        { "t.", "p: data.pkl, byte 2: looks for a mark that it never set" },
        { "N(\u0085.", "p: data.pkl, byte 4: takes a value from an empty stack" },
        { "NNa.", "p: data.pkl, byte 4: appends to something that is no list" },
        { "NNNs.", "p: data.pkl, byte 5: sets items of something that is no dictionary" },
        { "}K\u0001Ns.", "p: data.pkl, byte 6: has a dictionary key that is no string" },
        { "}(X\u0001\0\0\0aNX\u0001\0\0\0aNu.", "p: data.pkl, byte 18: has the key \"a\" twice in one dictionary" },
        { "N", "p: data.pkl, byte 3: ends in the middle of an opcode; it looks cut off" },
    };

    [Theory, MemberData(nameof(Hostile))]
    public void Refuses_by_name_what_tensors_do_not_need(string pickle, string message)
    {
        byte[] bytes = [0x80, 2, .. Encoding.Latin1.GetBytes(pickle)];
        Assert.Equal(message, Assert.Throws<CheckpointException>(() => PickleReader.Read("p", bytes)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Refuses_other_protocols(byte version) =>
        Assert.Equal($"p: data.pkl, byte 0: declares protocol {version}; torch.save writes protocol 2, at the start",
        Assert.Throws<CheckpointException>(() => PickleReader.Read("p", [0x80, version, (byte)'N', (byte)'.'])).Message);
}
