using System.Buffers.Binary;
using System.Text;

namespace TaH.Tests;

public sealed class SafetensorsFileTests
{
    private const string Eight = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    // Header, data bytes, the whole message.
    public static TheoryData<string, int, string> Damaged => new()
    {
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "t.safetensors: a: ends at byte 70, the file has 66; it looks cut off" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "t.safetensors: has 1 bytes after the last tensor" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12,
            "t.safetensors: a: starts at offset 4, the tensor before it ends at 0; safetensors allows no hole" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[5],"data_offsets":[4,9]}}""", 9,
            "t.safetensors: b: starts at offset 4, inside the tensor before it" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "t.safetensors: a: ends at offset 0, before its start 8" },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "t.safetensors: a: has 8 bytes, F32 [3] takes 12" },
        { """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0,
            "t.safetensors: a: has shape [4294967296, 4294967296], more bytes than a 64-bit number can count" },
        { """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "t.safetensors: a.shape: holds the negative number -2" },
        { """{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8,
            "t.safetensors: a.shape: holds a number that is no whole 64-bit number" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}""", 8,
            "t.safetensors: a.data_offsets: holds a number that is no whole 64-bit number" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "t.safetensors: a.data_offsets: has 3 numbers, two were expected" },
        { """{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", 8, "t.safetensors: a.shape: holds something other than numbers" },
        { """{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "t.safetensors: a: has dtype \"F8_E4M3\", which is not supported" },
        { """{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""", 8, "t.safetensors: a.dtype: expected a string, found Number" },
        { """{"a":{"dtype":"F32","shape":[2]}}""", 8, "t.safetensors: a.data_offsets: is missing" },
        { """{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", 8, "t.safetensors: a.shape: appears twice" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8,
            "t.safetensors: a.x: is not a key of safetensors (dtype, shape, data_offsets)" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
            "t.safetensors: a: appears twice in the header" },
        { """{"__metadata__":{"k":1}}""", 0, "t.safetensors: __metadata__.k: expected a string, found Number" },
        { """[]""", 0, "t.safetensors: header: expected an object, found StartArray" },
        { """{"a":""", 0,
            "t.safetensors: header: is not valid JSON at line 1, byte 6: Expected depth to be zero at the end of the JSON payload. There is an "
                + "open JSON object or array that should be closed" },
        { """{} {}""", 0,
            "t.safetensors: header: is not valid JSON at line 1, byte 4: '{' is invalid after a single JSON value. Expected end of data" },
        { """{"\ud800":{}}""", 0, "t.safetensors: header: has an escape that is no Unicode character" },
        { """{"a":{"shape":[[[1]]]}}""", 0, "t.safetensors: a.shape: holds something other than numbers" },
    };

    [Theory, MemberData(nameof(Damaged))]
    public void Says_what_is_wrong_with_a_damaged_file(string header, int dataBytes, string message) =>
        Assert.Equal(message, Refusal(WithHeader(Encoding.UTF8.GetBytes(header), dataBytes)));

    [Fact]
    public void Says_what_is_wrong_with_a_lying_header_length()
    {
        var file = WithHeader(Encoding.UTF8.GetBytes(Eight), 8);
        BinaryPrimitives.WriteUInt64LittleEndian(file, 63);
        Assert.Equal("t.safetensors: header: ends at byte 71, the file has 70; it looks cut off", Refusal(file));
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);
        Assert.Equal("t.safetensors: header: declares 18,446,744,073,709,551,615 bytes, at most 100,000,000 are allowed; it is no safetensors file",
            Refusal(file));
        Assert.Equal("t.safetensors: has 7 bytes, too few for a safetensors header; it looks cut off", Refusal(file[..7]));
        Assert.Equal("t.safetensors: has 0 bytes, too few for a safetensors header; it looks cut off", Refusal([]));
    }

    [Fact]
    public void Refuses_invalid_utf8_in_a_name() =>
        Assert.Equal("t.safetensors: header: is not valid UTF-8", Refusal(WithHeader([.. "{\""u8, 0xFF, .. "\":{}}"u8], 0)));

    [Fact]
    public void Bounds_the_number_of_tensors_and_the_length_of_names()
    {
        var tensors = Enumerable.Range(0, 100_001).Select(i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        Assert.Equal("t.safetensors: header: declares more than 100,000 tensors",
            Refusal(WithHeader(Encoding.UTF8.GetBytes($"{{{string.Join(",", tensors)}}}"), 0)));
        Assert.Equal("t.safetensors: header: has a name of 1,025 bytes, at most 1,024 are read",
            Refusal(WithHeader(Encoding.UTF8.GetBytes($"{{\"{new string('n', 1_025)}\":{{}}}}"), 0)));
    }

    [Fact]
    public void Says_that_a_file_is_missing_or_a_directory()
    {
        using var scratch = new ScratchDirectory();
        Assert.Equal("gone.safetensors: does not exist",
            Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(scratch["gone.safetensors"])).Message);
        Directory.CreateDirectory(scratch["d"]);
        Assert.Equal("d: is a directory, a file was expected", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(scratch["d"])).Message);
    }

    [Fact]
    public unsafe void Reads_every_type_empty_tensors_scalars_and_metadata()
    {
        // 1.5 as BF16 and F16 and F64, -1 as I64, -2 as I16, -3 as I8, 4 as U8, true as BOOL, and a tensor without elements.
        const string Header = """
            {"__metadata__":{"format":"pt"},"d":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},
            "b":{"dtype":"BF16","shape":[1],"data_offsets":[16,18]},"h":{"dtype":"F16","shape":[1,1],"data_offsets":[18,20]},
            "s":{"dtype":"I16","shape":[1],"data_offsets":[20,22]},"c":{"dtype":"I8","shape":[1],"data_offsets":[22,23]},
            "u":{"dtype":"U8","shape":[1],"data_offsets":[23,24]},"t":{"dtype":"BOOL","shape":[1],"data_offsets":[24,25]},
            "e":{"dtype":"F32","shape":[3,0],"data_offsets":[25,25]}}
            """;
        byte[] data = [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(-1L), 0xC0, 0x3F, 0x00, 0x3E, .. BitConverter.GetBytes((short)-2),
            0xFD, 4, 1];
        var bytes = WithHeader(Encoding.UTF8.GetBytes(Header), data.Length);
        data.CopyTo(bytes, bytes.Length - data.Length);
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch["t.safetensors"], bytes);
        using var file = SafetensorsFile.Open(scratch["t.safetensors"]);

        Assert.Equal("pt", file.Metadata["format"]);
        foreach (var name in new[] { "d", "b", "h" }) Assert.Equal(1.5f, Assert.Single(file.Tensors[name].ToFloats()));
        foreach (var (name, value) in new[] { ("l", -1), ("s", -2), ("c", -3), ("u", 4), ("t", 1) })
        {
            Assert.Equal(value, Assert.Single(file.Tensors[name].ToInts()));
            Assert.Equal(value, Assert.Single(file.Tensors[name].ToFloats()));
        }

        Assert.Empty(file.Tensors["d"].Shape);
        Assert.Empty(file.Tensors["e"].ToFloats());
        Assert.Equal(4, *file.Tensors["u"].Pointer);
        Assert.Equal("t.safetensors: d: has dtype F64, integers were expected",
            Assert.Throws<CheckpointException>(() => file.Tensors["d"].ToInts()).Message);
    }

    [Fact]
    public unsafe void A_tensor_of_a_closed_file_refuses_instead_of_reading_unmapped_memory()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch["t.safetensors"], WithHeader(Encoding.UTF8.GetBytes(Eight), 8));
        var file = SafetensorsFile.Open(scratch["t.safetensors"]);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)file.Tensors["a"].Pointer);
        Assert.Throws<ObjectDisposedException>(() => file.Tensors["a"].ToFloats());
    }

    [Fact]
    public unsafe void Reading_past_the_mapping_gives_the_same_bytes_and_notices_a_file_that_was_cut_off_meanwhile()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch["t.safetensors"];
        var bytes = WithHeader(Encoding.UTF8.GetBytes(Eight), 8);
        for (var i = 0; i < 8; i++) bytes[^(8 - i)] = (byte)(i + 1);
        File.WriteAllBytes(path, bytes);
        using var file = SafetensorsFile.Open(path);
        var (tensor, read) = (file.Tensors["a"], new byte[5]);
        tensor.Read(3, read);
        Assert.Equal(new ReadOnlySpan<byte>(tensor.Pointer + 3, 5).ToArray(), read);
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) writer.SetLength(bytes.Length - 1);
        tensor.Read(2, read);
        Assert.Equal(
            "t.safetensors: a: ends early: the file has become shorter than byte 70",
            Assert.Throws<CheckpointException>(() => tensor.Read(3, read)).Message);
    }

    internal static byte[] WithHeader(byte[] header, int dataBytes)
    {
        var file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    private static string Refusal(byte[] bytes)
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch["t.safetensors"], bytes);
        return Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(scratch["t.safetensors"])).Message;
    }
}
