namespace TaH.Tests;

/// <summary>What is written is what our reader, which takes torch's own files, reads.</summary>
public sealed class PickleWriterTests
{
    [Fact]
    public void Plain_data_comes_back()
    {
        var root = Read(new Dictionary<string, object?>
        {
            ["class"] = "MLPIterDecider", ["text"] = "é, \n and 漢字", ["nothing"] = null, ["yes"] = true, ["no"] = false, ["half"] = -0.5, ["list"] = new[] { 0, 20 },
            ["empty"] = Array.Empty<int>(), ["inner"] = new Dictionary<string, object?> { ["none"] = new Dictionary<string, object?>() },
        });
        Assert.Equal(["class", "text", "nothing", "yes", "no", "half", "list", "empty", "inner"], root.Keys);
        Assert.Equal(["MLPIterDecider", "é, \n and 漢字", null, true, false, -0.5], root.Values.Take(6));
        Assert.Equal([0L, 20L], Assert.IsType<List<object?>>(root["list"]));
        Assert.Empty(Assert.IsType<List<object?>>(root["empty"]));
        Assert.Empty(Assert.IsType<Dictionary<string, object?>>(Assert.IsType<Dictionary<string, object?>>(root["inner"])["none"]));
    }

    // Every width that an integer is written in, and both ends of each.
    [Theory]
    [InlineData(0), InlineData(255), InlineData(256), InlineData(65535), InlineData(65536), InlineData(int.MaxValue), InlineData(-1), InlineData(int.MinValue)]
    public void Integers_come_back(int number) => Assert.Equal((long)number, Read(new Dictionary<string, object?> { ["n"] = number })["n"]);

    [Fact]
    public void Tensors_keep_storage_type_shape_and_strides()
    {
        var state = Read(new Dictionary<string, object?>
        {
            ["threshold"] = new PickledTensor(0, []), ["bias"] = new PickledTensor(1, [3]), ["weight"] = new PickledTensor(70000, [300, 4]),
        });
        void Equal(string name, string storage, long length, long[] shape, long[] strides)
        {
            var tensor = Assert.IsType<TorchTensor>(state[name]);
            Assert.Equal(new TorchStorage(TensorType.F32, storage, length), tensor.Storage);
            Assert.Equal(0, tensor.Offset);
            Assert.Equal(shape, tensor.Shape);
            Assert.Equal(strides, tensor.Strides);
        }
        Equal("threshold", "0", 1, [], []);
        Equal("bias", "1", 3, [3], [1]);
        Equal("weight", "70000", 1200, [300, 4], [4, 1]);
    }

    [Fact]
    public void Types_come_back_by_name() =>
        Assert.Equal(new PickleGlobal("torch.float32"), Read(new Dictionary<string, object?> { ["dtype"] = new PickledGlobal("torch", "float32") })["dtype"]);

    [Fact]
    public void What_it_does_not_know_is_refused()
    {
        Assert.Throws<ArgumentException>(() => PickleWriter.Write(new Dictionary<string, object?> { ["n"] = 1L << 40 }));
        Assert.Throws<ArgumentException>(() => PickleWriter.Write(new PickledTensor(0, [1, 2, 3])));
    }

    private static Dictionary<string, object?> Read(Dictionary<string, object?> value) =>
        Assert.IsType<Dictionary<string, object?>>(PickleReader.Read("p", PickleWriter.Write(value)));
}
