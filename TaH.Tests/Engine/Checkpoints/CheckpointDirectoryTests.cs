namespace TaH.Tests;

/// <summary>Directories with parts missing, weights in shards, and tensors that do not belong.</summary>
public sealed class CheckpointDirectoryTests
{
    private const string Index = "model.safetensors.index.json";

    [Fact]
    public void Says_that_the_directory_is_missing_or_a_file()
    {
        using var scratch = new ScratchDirectory();
        Assert.Equal($"{scratch["gone"]}: does not exist", Refusal(scratch["gone"]));
        File.WriteAllText(scratch["file"], "");
        Assert.Equal($"{scratch["file"]}: is a file, a checkpoint is a directory", Refusal(scratch["file"]));
        Assert.Equal("config.json: does not exist", Refusal(scratch.Path));
        Assert.Equal("checkpoint directory: is an empty path", Refusal(""));
    }

    [Theory]
    [InlineData("lora", "has tah_config.json and iter_decider.bin but no lora/; a TaH checkpoint has all, a plain one none (an incomplete copy?)")]
    [InlineData("iter_decider.bin", "has tah_config.json and lora/ but no iter_decider.bin, which MLPIterDecider needs (an incomplete copy?)")]
    [InlineData("tah_config.json",
        "has lora/ and iter_decider.bin but no tah_config.json; a TaH checkpoint has all, a plain one none (an incomplete copy?)")]
    public void Says_which_of_the_three_tah_parts_is_missing(string part, string fact)
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        if (Directory.Exists(scratch[part])) Directory.Delete(scratch[part], recursive: true);
        else File.Delete(scratch[part]);
        Assert.Equal($"{scratch.Path}: {fact}", Refusal(scratch.Path));
    }

    [Theory]
    [InlineData("lora/adapter_config.json", "lora/adapter_config.json: does not exist")]
    [InlineData("lora/adapter_model.safetensors", "lora/adapter_model.safetensors: does not exist")]
    public void Says_which_file_is_missing(string file, string message)
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        File.Delete(scratch[file]);
        Assert.Equal(message, Refusal(scratch.Path));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tah_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("iter_decider.bin")]
    public async Task A_named_pipe_is_refused_and_not_waited_for(string file)
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        File.Delete(scratch[file]);
        Shell.Run($"mkfifo '{scratch[file]}'");
        var refusal = Task.Run(() => Refusal(scratch.Path), TestContext.Current.CancellationToken);
        var said = await refusal.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken); // a reader that waits for a writer waits longer
        Assert.Equal($"{file}: is a named pipe or a terminal, a file was expected", said);
    }

    [Fact]
    public void Says_that_there_are_no_weights()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        File.Delete(scratch["model.safetensors"]);
        Assert.Equal($"{scratch.Path}: holds neither model.safetensors nor model.safetensors.index.json", Refusal(scratch.Path));
    }

    [Fact]
    public void A_cut_off_weight_file_is_named_with_both_sizes()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        using (var stream = File.OpenWrite(scratch["model.safetensors"])) stream.SetLength(500_000);
        Assert.Matches(@"^model\.safetensors: model\.[a-z0-9._]+: ends at byte [0-9,]+, the file has 500,000; it looks cut off$",
            Refusal(scratch.Path));
    }

    [Fact]
    public void Names_the_tensor_that_is_missing_extra_or_of_another_type()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        var tensors = Tensors(scratch["model.safetensors"]);

        Save(scratch["model.safetensors"], tensors.Where(tensor => tensor.Name != "model.layers.2.mlp.up_proj.weight"));
        Assert.Equal("model.safetensors: model.layers.2.mlp.up_proj.weight: is missing; config.json asks for it", Refusal(scratch.Path));

        Save(scratch["model.safetensors"], tensors.Append(("model.layers.4.mlp.up_proj.weight", [1f], [1])));
        Assert.Equal("model.safetensors: model.layers.4.mlp.up_proj.weight: is not a tensor of the model that config.json describes",
            Refusal(scratch.Path));

        var writer = new SafetensorsWriter();
        foreach (var (name, values, shape) in tensors.Where(tensor => tensor.Name != "model.norm.weight")) writer.Add(name, values, shape);
        writer.AddBf16("model.norm.weight", new ushort[64], 64);
        writer.Save(scratch["model.safetensors"]);
        Assert.Equal("model.safetensors: model.norm.weight: has dtype BF16, config.json says F32", Refusal(scratch.Path));
    }

    [Fact]
    public void A_head_beside_tied_embeddings_is_ignored_and_noted()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        Save(scratch["model.safetensors"], Tensors(scratch["model.safetensors"]).Append(("lm_head.weight", new float[320 * 64], [320, 64])));
        using var checkpoint = Checkpoint.Open(scratch.Path);
        Assert.Equal("lm_head.weight is stored beside tie_word_embeddings true; it is ignored and the embedding serves as the head.",
            Assert.Single(checkpoint.Notes));
        Assert.Throws<KeyNotFoundException>(() => checkpoint.Weight("lm_head.weight"));
        Assert.Equal(0, CheckpointSummary.Of(checkpoint).Parameters.Head);
    }

    [Fact]
    public void An_adapter_tensor_that_is_missing_or_extra_is_named()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        var path = scratch["lora/adapter_model.safetensors"];
        var tensors = Tensors(path);
        const string Prefix = "base_model.model.model.layers.";

        Save(path, tensors.Where(tensor => tensor.Name != $"{Prefix}1.mlp.gate_proj.lora_B.weight"));
        Assert.Equal($"lora/adapter_model.safetensors: {Prefix}1.mlp.gate_proj.lora_B.weight: is missing, though lora/adapter_config.json names "
            + "its projection", Refusal(scratch.Path));

        Save(path, tensors.Append(($"{Prefix}1.mlp.gate_proj.lora_magnitude_vector", [1f], [1])));
        Assert.Equal($"lora/adapter_model.safetensors: {Prefix}1.mlp.gate_proj.lora_magnitude_vector: is not a tensor of the projections that "
            + "lora/adapter_config.json names", Refusal(scratch.Path));
    }

    [Fact]
    public void Shards_hold_the_same_model_as_one_file()
    {
        using var scratch = Sharded(out _);
        using var sharded = Checkpoint.Open(scratch.Path);
        using var single = Checkpoint.Open(CheckpointFixtures.Directory("a_tied"));
        Assert.Equal(2, sharded.ShardCount);
        Assert.Equal(single.WeightBytes, sharded.WeightBytes);
        foreach (var tensor in single.Weights) Assert.Equal(tensor.ToFloats().ToList(), sharded.Weight(tensor.Name).ToFloats().ToList());
    }

    [Theory]
    [InlineData("../model-2.safetensors")]
    [InlineData("/etc/model-2.safetensors")]
    [InlineData("sub/model-2.safetensors")]
    [InlineData("sub\\\\model-2.safetensors")]
    [InlineData(".safetensors")]
    [InlineData("config.json")]
    [InlineData("")]
    public void A_shard_is_a_plain_file_name(string shard)
    {
        using var scratch = Sharded(out var index);
        File.WriteAllText(scratch[Index], index.Replace("model-2.safetensors", shard, StringComparison.Ordinal));
        var unescaped = shard.Replace("\\\\", "\\", StringComparison.Ordinal);
        Assert.EndsWith($" is \"{unescaped}\", the plain name of a .safetensors file in the same directory was expected",
            Refusal(scratch.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_and_the_shards_must_agree()
    {
        using var scratch = Sharded(out var index);
        File.WriteAllText(scratch[Index],
            index.Replace("\"model.norm.weight\":\"model-2.safetensors\"", "\"model.norm.weight\":\"model-1.safetensors\"",
                StringComparison.Ordinal));
        Assert.Equal($"model-2.safetensors: model.norm.weight: is here, but {Index} does not say so", Refusal(scratch.Path));

        File.WriteAllText(scratch[Index],
            index.Replace("{\"weight_map\":{", "{\"weight_map\":{\"ghost\":\"model-1.safetensors\",", StringComparison.Ordinal));
        Assert.Equal($"{Index}: ghost: should be in model-1.safetensors, which does not hold it", Refusal(scratch.Path));

        File.WriteAllText(scratch[Index], "{\"weight_map\":{}}");
        Assert.Equal($"{Index}: weight_map: is empty", Refusal(scratch.Path));

        File.WriteAllText(scratch[Index], index);
        File.Copy(scratch["model-1.safetensors"], scratch["model-2.safetensors"], overwrite: true);
        Assert.Matches(@"^model-2\.safetensors: [a-z0-9._]+: is in another shard too$", Refusal(scratch.Path));

        File.Delete(scratch["model-2.safetensors"]);
        Assert.Equal("model-2.safetensors: does not exist", Refusal(scratch.Path));
    }

    /// <summary>The first fixture with its weights in two shards.</summary>
    internal static ScratchDirectory Sharded(out string index)
    {
        var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        var tensors = Tensors(scratch["model.safetensors"]).OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        File.Delete(scratch["model.safetensors"]);
        var half = tensors.Count / 2;
        Save(scratch["model-1.safetensors"], tensors.Take(half));
        Save(scratch["model-2.safetensors"], tensors.Skip(half));
        var map = tensors.Select((tensor, i) => $"\"{tensor.Name}\":\"model-{(i < half ? 1 : 2)}.safetensors\"");
        index = $"{{\"weight_map\":{{{string.Join(",", map)}}}}}";
        File.WriteAllText(scratch[Index], index);
        return scratch;
    }

    private static List<(string Name, float[] Values, int[] Shape)> Tensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return [.. file.Tensors.Values.Select(tensor => (tensor.Name, tensor.ToFloats(), tensor.Shape.Select(size => (int)size).ToArray()))];
    }

    private static void Save(string path, IEnumerable<(string Name, float[] Values, int[] Shape)> tensors)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, values, shape) in tensors) writer.Add(name, values, shape);
        writer.Save(path);
    }

    private static string Refusal(string directory) => Assert.Throws<CheckpointException>(() => Checkpoint.Open(directory)).Message;
}
