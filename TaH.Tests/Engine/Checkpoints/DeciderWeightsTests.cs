using System.IO.Compression;

namespace TaH.Tests;

public sealed class DeciderWeightsTests
{
    /// <summary>The smallest network there is: every width is 1.</summary>
    private static readonly DeciderConfig Tiny = new()
    {
        TopK = 1, HiddenSize = 1, HiddenLayers = [0], HiddenDims = [1], ExpansionFactor = 1, Type = TensorType.F32, Threshold = 0.5,
            ThresholdIsGiven = true,
    };

    [Fact]
    public void Honours_types_strides_offsets_and_shared_storages()
    {
        // One storage 0..5; logits_projection.weight [2, 2] is a transposed view from element 1: (1, 3; 2, 4).
        var config = Tiny with { TopK = 2, HiddenSize = 2 };
        var pickle = PickleBuilder.Decider(state => AddAll(state, config, (name, shape) => name switch
        {
            "logits_projection.weight" => state.Tensor("FloatStorage", "0", 6, 1, [2, 2], [1, 2]),
            "logits_projection.bias" => state.Tensor("HalfStorage", "1", 2, 0, [2], [1]),
            "combined_projection.weight" => state.Tensor("BFloat16Storage", "2", 4, 0, [1, 4], [4, 1]),
            _ => state.Tensor("FloatStorage", "0", 6, 1, shape, [.. shape.Select(_ => 1)]),
        }));
        var decider = Read(PickleBuilder.Zip(
            ("data.pkl", pickle),
            ("data/0", Floats(0, 1, 2, 3, 4, 5)),
            ("data/1", [0x00, 0x3E, 0x00, 0xC0]),
            ("data/2", [0xC0, 0x3F, 0x80, 0x3F, 0x00, 0x40, 0x80, 0xBF])), config);

        Assert.Equal([1f, 3f, 2f, 4f], decider["logits_projection.weight"].Values.ToList());
        Assert.Equal([1.5f, -2f], decider["logits_projection.bias"].Values.ToList());
        Assert.Equal([1.5f, 1f, 2f, -1f], decider["combined_projection.weight"].Values.ToList());
        Assert.Equal([1f], decider["backbone.output_layer.1.bias"].Values.ToList());
    }

    [Fact]
    public void Rounds_through_bfloat16_except_the_norm_of_the_hidden_part()
    {
        // 1.00390625 is 1 + 2^-8: a tie in bfloat16, which goes to the even 1. The official class makes the one norm in float32 always.
        var config = Tiny with { Type = TensorType.Bf16, NormalizeInput = true, Threshold = 0.9 };
        var decider = Read(Archive(config, 1.00390625f), config);
        Assert.Equal(1.00390625f, Assert.Single(decider["layer_norm_hidden_states.weight"].Values));
        Assert.Equal(1f, Assert.Single(decider["backbone.input_projection.weight"].Values));
        Assert.Equal(0.8984375f, decider.Config.EffectiveThreshold);
    }

    [Fact]
    public void The_stored_threshold_counts_only_where_the_configuration_gives_none()
    {
        var bytes = Archive(Tiny, 0.25f, state => state.Text("threshold").Tensor("FloatStorage", "0", 1, 0, [], []));
        Assert.Equal(0.5, Read(bytes, Tiny).Config.Threshold);
        Assert.Equal(0.25, Read(bytes, Tiny with { ThresholdIsGiven = false }).Config.Threshold);

        var nan = Archive(Tiny, 1f, state => state.Text("threshold").Tensor("FloatStorage", "bad", 1, 0, [], []), ("data/bad", Floats(float.NaN)));
        Assert.Equal("iter_decider.bin: threshold: has NaN at element 0", Refusal(nan, Tiny with { ThresholdIsGiven = false }));
        Assert.Equal("iter_decider.bin: threshold: is 2, allowed are 0 to 1", Refusal(Archive(Tiny, 2f, state =>
            state.Text("threshold").Tensor("FloatStorage", "0", 1, 0, [], [])), Tiny with { ThresholdIsGiven = false }));
    }

    [Fact]
    public void Extra_entries_are_ignored_as_in_the_official_loader() =>
        Assert.False(Read(Archive(Tiny, 1f, state => state.Text("other").Op('N')), Tiny).Tensors.ContainsKey("other"));

    // How the first tensor is written, its storage's bytes, and what is wrong with it.
    public static TheoryData<int, int, int[], int[], int, string> BadViews => new()
    {
        { 1, 1, [1, 1], [1, 1], 4, "reach past its storage of 1 elements" },
        { 1, -1, [1, 1], [1, 1], 4, "reach past its storage of 1 elements" },
        { 0, 0, [1, 1], [1, 1], 0, "reach past its storage of 0 elements" },
        { 1, 0, [1, 1], [1], 4, "has 2 sizes and 1 strides" },
        { 2, 0, [1, 1], [1, 1], 4, "is in a storage of 2 F32 elements, the archive's entry has 4 bytes" },
        { 1, 0, [1, 1], [1, 1], 5, "is in a storage of 1 F32 elements, the archive's entry has 5 bytes" },
        { 1, 0, [2, 1], [1, 1], 4, "has shape [2, 1], tah_config.json gives [1, 1]" },
        { 1, int.MaxValue, [1, 1], [int.MaxValue, int.MaxValue], 4, "reach past its storage of 1 elements" },
    };

    [Theory, MemberData(nameof(BadViews))]
    public void Refuses_views_that_leave_their_storage(int elements, int offset, int[] shape, int[] strides, int bytes, string fact)
    {
        var pickle = PickleBuilder.Decider(state =>
            state.Text("logits_projection.weight").Tensor("FloatStorage", "0", elements, offset, shape, strides));
        var message = Refusal(PickleBuilder.Zip(("data.pkl", pickle), ("data/0", new byte[bytes])), Tiny);
        Assert.StartsWith("iter_decider.bin: logits_projection.weight: ", message, StringComparison.Ordinal);
        Assert.EndsWith(fact, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_is_missing_and_why()
    {
        var pickle = PickleBuilder.Decider(_ => { }, className: "IterLabelDecider");
        Assert.Equal("iter_decider.bin: logits_projection.weight: is missing; the file holds IterLabelDecider, perhaps of the first training stage",
            Refusal(PickleBuilder.Zip(("data.pkl", pickle)), Tiny));
        pickle = PickleBuilder.Decider(state =>
            state.Text("logits_projection.weight").Tensor("FloatStorage", "../../etc/passwd", 1, 0, [1, 1], [1, 1]));
        Assert.Equal("iter_decider.bin: logits_projection.weight: is in storage \"../../etc/passwd\", which the archive does not hold",
            Refusal(PickleBuilder.Zip(("data.pkl", pickle)), Tiny));
        pickle = PickleBuilder.Decider(state => state.Text("logits_projection.weight").Op('N'));
        Assert.Equal("iter_decider.bin: logits_projection.weight: is not a tensor", Refusal(PickleBuilder.Zip(("data.pkl", pickle)), Tiny));
        Assert.Equal("iter_decider.bin: does not hold a dictionary",
            Refusal(PickleBuilder.Zip(("data.pkl", new PickleBuilder().Op('N').Op('.').Bytes)), Tiny));
        Assert.Equal("iter_decider.bin: state_dict: is missing or no dictionary",
            Refusal(PickleBuilder.Zip(("data.pkl", new PickleBuilder().Op('}').Op('.').Bytes)), Tiny));
    }

    [Fact]
    public void Refuses_what_is_no_archive_of_torch_save()
    {
        Assert.StartsWith("iter_decider.bin: is not a readable zip archive as torch.save writes it: ", Refusal([0x80, 2, (byte)'N', (byte)'.'], Tiny),
            StringComparison.Ordinal);
        Assert.StartsWith("iter_decider.bin: is not a readable zip archive as torch.save writes it: ", Refusal([], Tiny), StringComparison.Ordinal);
        Assert.Equal("iter_decider.bin: has 0 entries NAME/data.pkl, one was expected; it is no file of torch.save",
            Refusal(PickleBuilder.Zip(("x", [])), Tiny));
        Assert.Equal("iter_decider.bin: iter_decider/data.pkl: appears twice in the archive",
            Refusal(PickleBuilder.Zip(("data.pkl", []), ("data.pkl", [])), Tiny));
        Assert.Equal("iter_decider.bin: iter_decider/byteorder: is not \"little\"; numbers of a big-endian machine are not read",
            Refusal(PickleBuilder.Zip(("data.pkl", []), ("byteorder", "big"u8.ToArray())), Tiny));
    }

    [Fact]
    public void Refuses_zip_bombs_by_what_they_declare()
    {
        var bomb = PickleBuilder.Zip(CompressionLevel.SmallestSize, ("data.pkl", PickleBuilder.Decider(_ => { })), ("data/0", new byte[50_000_000]));
        Assert.True(bomb.Length < 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Matches(@"^iter_decider\.bin: unpacks to 50,000,0[0-9]{2} bytes from [0-9,]+; torch\.save does not compress, it looks like a zip "
            + @"bomb$", Refusal(bomb, Tiny));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000, "the bomb was unpacked");
    }

    [Fact]
    public void Refuses_zip_bombs_by_what_they_hold()
    {
        // The entry unpacks to 50 MB, the directory says 4 bytes.
        var bomb = PickleBuilder.Zip(CompressionLevel.SmallestSize,
            ("data.pkl", PickleBuilder.Decider(state => state.Text("logits_projection.weight").Tensor("FloatStorage", "0", 1, 0, [1, 1], [1, 1]))),
            ("data/0", new byte[50_000_000]));
        var lying = PickleBuilder.Replace(bomb, 50_000_000, 4);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith("iter_decider.bin: ", Refusal(lying, Tiny), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000, "the bomb was unpacked");
    }

    [Fact]
    public void Refuses_a_pickle_that_is_larger_than_any_decider_needs() => Assert.Equal(
        "iter_decider.bin: iter_decider/data.pkl: declares 1,048,577 bytes, at most 1,048,576 are read",
        Refusal(PickleBuilder.Zip(("data.pkl", new byte[(1 << 20) + 1])), Tiny));

    [Fact]
    public void A_compressed_archive_is_read_like_a_stored_one()
    {
        var pickle = PickleBuilder.Decider(state =>
            AddAll(state, Tiny, (_, shape) => state.Tensor("FloatStorage", "0", 2, 0, shape, [.. shape.Select(_ => 1)])));
        var bytes = PickleBuilder.Zip(CompressionLevel.Fastest, ("data.pkl", pickle), ("data/0", Floats(3, 4)), ("data/unused", new byte[64]));
        Assert.Equal(3f, Assert.Single(Read(bytes, Tiny)["logits_projection.weight"].Values));
    }

    private static byte[] Archive(DeciderConfig config, float value, Action<PickleBuilder>? more = null, params (string Name, byte[] Bytes)[] entries)
    {
        var pickle = PickleBuilder.Decider(state =>
        {
            AddAll(state, config, (name, shape) =>
                state.Tensor("FloatStorage", name, shape.Aggregate(1, (a, b) => a * b), 0, shape, shape.Length == 2 ? [shape[1], 1] : [1]));
            more?.Invoke(state);
        });
        var storages = DeciderTensors.Of(config).Select(tensor =>
            ($"data/{tensor.Name}", Floats([.. Enumerable.Repeat(value, tensor.Shape.Aggregate(1, (a, b) => a * b))])));
        return PickleBuilder.Zip([("data.pkl", pickle), .. storages, ("data/0", Floats(value)), .. entries]);
    }

    private static void AddAll(PickleBuilder state, DeciderConfig config, Func<string, int[], PickleBuilder> write)
    {
        foreach (var (name, shape) in DeciderTensors.Of(config))
        {
            state.Text(name);
            write(name, [.. shape]);
        }
    }

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static DeciderWeights Read(byte[] bytes, DeciderConfig config)
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch["iter_decider.bin"], bytes);
        return DeciderWeights.Read(scratch["iter_decider.bin"], config);
    }

    private static string Refusal(byte[] bytes, DeciderConfig config) => Assert.Throws<CheckpointException>(() => Read(bytes, config)).Message;
}
