namespace TaH.Tests;

public sealed class CheckpointGoldenTests
{
    public static TheoryData<string> Parity => CheckpointFixtures.Parity;

    [Theory, MemberData(nameof(Parity))]
    public void The_decider_equals_the_official_loader_bit_for_bit(string name)
    {
        using var checkpoint = Checkpoint.Open(CheckpointFixtures.Directory(name));
        using var golden = SafetensorsFile.Open(Path.Combine(CheckpointFixtures.Root, name, "decider_loaded.safetensors"));
        var decider = checkpoint.Decider!;

        Assert.Equal(golden.Tensors.Keys.Order(StringComparer.Ordinal), decider.Tensors.Keys.Append("threshold").Order(StringComparer.Ordinal));
        Assert.Equal(Assert.Single(golden.Tensors["threshold"].ToFloats()), decider.Config.EffectiveThreshold);
        foreach (var tensor in decider.Tensors.Values)
        {
            Assert.Equal(golden.Tensors[tensor.Name].Shape, tensor.Shape.Select(size => (long)size));
            Assert.Equal(Bits(golden.Tensors[tensor.Name].ToFloats()), Bits(tensor.Values));
        }
    }

    [Theory, MemberData(nameof(Parity))]
    public void Both_forms_of_config_json_say_the_same(string name)
    {
        var directory = CheckpointFixtures.Directory(name);
        var version5 = Qwen3Config.Read(Path.Combine(directory, "config.json"));
        Assert.Equal(version5, Qwen3Config.Read(Path.Combine(directory, "config_v4.json")));
        Assert.Equal(1e6, version5.RopeTheta);
        Assert.Equal(TensorType.F32, version5.DeclaredType);
    }

    [Fact]
    public void The_first_fixture_says_what_its_files_say()
    {
        using var checkpoint = Checkpoint.Open(CheckpointFixtures.Directory("a_tied"));
        Assert.Equal(new Qwen3Config(320, 64, 96, 4, 4, 2, 16, 1e-6, 1e6, 512, true, TensorType.F32), checkpoint.Config);
        Assert.Equal([1], checkpoint.Generation.EosTokenIds);
        Assert.True(checkpoint.IsTah);
        Assert.Equal(TensorType.F32, checkpoint.WeightType);
        Assert.Equal((2, 100, DeciderKind.Learned), (checkpoint.Tah!.MaxIter, checkpoint.Tah.SoftEmbeddingTopK, checkpoint.Tah.Kind));
        Assert.Equal([1, 2, 4], checkpoint.Tah.Decider!.HiddenLayers);
        Assert.Equal([32, 48, 32], checkpoint.Tah.Decider.HiddenDims);
        Assert.Equal(TensorType.F32, checkpoint.Tah.Decider.Type);
        Assert.Equal((8, 16.0, 2.0), (checkpoint.Lora!.Config.Rank, checkpoint.Lora.Config.Alpha, checkpoint.Lora.Config.Scale));
        Assert.Equal([8L, 64], checkpoint.Lora.A(3, "q_proj")!.Shape);
        Assert.Equal([32L, 8], checkpoint.Lora.B(0, "v_proj")!.Shape);
        Assert.Null(checkpoint.TokenizerPath);
        Assert.Empty(checkpoint.Notes);
    }

    [Fact]
    public void The_shipped_model_opens()
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "checkpoint"));
        Assert.Equal(TensorType.Bf16, checkpoint.WeightType);
        // vocab 576 x 256, six layers of 787,072, the final norm.
        Assert.Equal(576 * 256 + 6 * 787_072 + 256, checkpoint.WeightBytes / 2);
        Assert.Equal([539], checkpoint.Generation.EosTokenIds);
        Assert.Equal((0.9, 0.8984375f), (checkpoint.Decider!.Config.Threshold, checkpoint.Decider.Config.EffectiveThreshold));
        Assert.NotNull(checkpoint.TokenizerPath);
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
