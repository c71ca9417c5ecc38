using System.Buffers.Binary;

namespace TaH.Tests;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch["out.safetensors"];
        var writer = new SafetensorsWriter();
        writer.Add("floats \u00e9 \"x\"", [1f, float.NaN, -0f, float.MaxValue, 5f, 6f], 2, 3);
        writer.Add("ints", [int.MinValue, 7], 2);
        writer.Add("scalar", [3f]);
        writer.Add("none", Array.Empty<float>(), 4, 0);
        writer.AddBf16("half", [0x3FC0, 0xBFC0, 0x0000], 3);
        writer.AddMetadata("made by", "a test");
        writer.Save(path);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(5, file.Tensors.Count);
        Assert.Equal("a test", file.Metadata["made by"]);
        var floats = file.Tensors["floats \u00e9 \"x\""];
        Assert.Equal([2L, 3], floats.Shape);
        Assert.Equal(new[] { 1f, float.NaN, -0f, float.MaxValue, 5f, 6f }.Select(BitConverter.SingleToInt32Bits),
            floats.ToFloats().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([int.MinValue, 7], file.Tensors["ints"].ToInts().ToList());
        Assert.Empty(file.Tensors["scalar"].Shape);
        Assert.Equal([4L, 0], file.Tensors["none"].Shape);
        Assert.Equal([1.5f, -1.5f, 0f], file.Tensors["half"].ToFloats().ToList());
    }

    [Fact]
    public void The_same_tensors_give_the_same_aligned_bytes_in_any_order()
    {
        using var scratch = new ScratchDirectory();
        var (first, second) = (new SafetensorsWriter(), new SafetensorsWriter());
        first.AddBf16("b", [1], 1);
        first.Add("z", [1], 1);
        first.Add("a", [2f], 1);
        second.Add("a", [2f], 1);
        second.AddBf16("b", [1], 1);
        second.Add("z", [1], 1);
        first.Save(scratch["1"]);
        second.Save(scratch["2"]);

        var bytes = File.ReadAllBytes(scratch["1"]);
        Assert.Equal(bytes, File.ReadAllBytes(scratch["2"]));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes) % 8);
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file_and_nothing_else()
    {
        using var scratch = new ScratchDirectory();
        var writer = new SafetensorsWriter();
        writer.Add("a", [1f], 1);
        writer.Save(scratch["f"]);
        writer.Save(scratch["f"]);
        Assert.Single(Directory.GetFileSystemEntries(scratch.Path));

        // A directory under the file's name: the move is refused.
        Directory.CreateDirectory(scratch["taken"]);
        Assert.Throws<BadFileException>(() => writer.Save(scratch["taken"]));
        Assert.Equal(2, Directory.GetFileSystemEntries(scratch.Path).Length);
    }

    [Fact]
    public void Refuses_what_could_not_be_read_back()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", [1f], 1);
        Assert.StartsWith("a was added before", Assert.Throws<ArgumentException>(() => writer.Add("a", [1f], 1)).Message);
        Assert.StartsWith("b: 2 values do not fill the shape [3]", Assert.Throws<ArgumentException>(() => writer.Add("b", [1f, 2f], 3)).Message);
        Assert.Throws<ArgumentException>(() => writer.Add("c", [1f, 2f], -1, -2));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [1f], 1));
    }
}
