using System.Globalization;
using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>What we save of a golden checkpoint is that checkpoint, file by file.</summary>
public sealed class GoldenFilesTests : IDisposable
{
    // What transformers keeps in a second form for the tests, and what only we write.
    private const string OlderConfig = "config_v4.json";
    private const string OurDecider = "iter_decider.safetensors";

    private readonly TemporaryDirectory _saved = new();

    public static TheoryData<string> Fixtures() => [.. Golden.ParityFixtures];

    [Theory, MemberData(nameof(Fixtures))]
    public void Every_file_is_that_of_the_official_code(string fixture)
    {
        var golden = Golden.ParityCheckpoint(fixture);
        using (var scene = new SavingScene(fixture)) scene.Save(_saved.Path);
        Assert.Equal(Files(golden).Where(name => name != OlderConfig), Files(_saved.Path).Where(name => name != OurDecider));

        foreach (var name in new[] { "model.safetensors", "lora/adapter_model.safetensors" })
        {
            using SafetensorsFile theirs = Open(golden, name), ours = Open(_saved.Path, name);
            Assert.Equal(theirs.Metadata, ours.Metadata);
            Assert.Equal(theirs.Tensors.Keys.Order(), ours.Tensors.Keys.Order());
            foreach (var (key, tensor) in theirs.Tensors)
            {
                Assert.Equal((key, tensor.Type, string.Join('x', tensor.Shape)), (key, ours.Tensors[key].Type, string.Join('x', ours.Tensors[key].Shape)));
                Assert.True(tensor.ToFloats().AsSpan().SequenceEqual(ours.Tensors[key].ToFloats()), $"{name}: {key}");
            }
        }

        Same(Json(golden, "config.json"), Json(_saved.Path, "config.json"));
        Same(Json(golden, "generation_config.json"), Json(_saved.Path, "generation_config.json"));
        SameDecider(TorchArchive.Read(Path.Combine(golden, "iter_decider.bin"), "theirs", archive => archive.ReadPickle()),
            TorchArchive.Read(Path.Combine(_saved.Path, "iter_decider.bin"), "ours", archive => archive.ReadPickle()));
        var (tah, ourTah) = (Json(golden, "tah_config.json"), Json(_saved.Path, "tah_config.json"));
        // Where the official file leaves the decider's type to the default, ours names the one that it is saved in.
        if (tah["iter_decider_kwargs"]!["dtype"] is null) Assert.True(ourTah["iter_decider_kwargs"]!.AsObject().Remove("dtype"));
        Same(tah, ourTah);

        var adapter = Json(golden, "lora/adapter_config.json");
        foreach (var (key, value) in Json(_saved.Path, "lora/adapter_config.json"))
        {
            Assert.True(adapter.ContainsKey(key), key);
            if (key == "target_modules") Assert.Equal(Words(adapter[key]!), Words(value!));
            // peft writes an empty path where the model came from no directory, and reads a missing one the same.
            else if (key != "base_model_name_or_path") Same(adapter[key], value);
        }
    }

    [Fact]
    public void Shards_are_those_of_transformers_and_are_read_back()
    {
        using var scene = new SavingScene("b_untied_widehead")
        {
            Recipe = new TrainingRecipe { Stage = TrainingStage.Backbone, Model = "", Data = "", Output = "", MaxShardBytes = 200_000 },
        };
        scene.Save(_saved.Path);
        var index = Json(_saved.Path, "model.safetensors.index.json");
        var map = index["weight_map"]!.AsObject();
        string[] shards = [.. map.Select(place => place.Value!.GetValue<string>()).Distinct().Order()];
        Assert.True(shards.Length > 2);
        for (var i = 0; i < shards.Length; i++) Assert.Equal($"model-{i + 1:D5}-of-{shards.Length:D5}.safetensors", shards[i]);
        Assert.Equal(map.Select(place => place.Key).Order(StringComparer.Ordinal), map.Select(place => place.Key));
        Assert.Equal(scene.Source.WeightBytes, index["metadata"]!["total_size"]!.GetValue<long>());
        Assert.Equal(scene.Source.WeightBytes / sizeof(float), index["metadata"]!["total_parameters"]!.GetValue<long>());
        Assert.False(File.Exists(_saved.At("model.safetensors")));
        using (var read = Checkpoint.Open(_saved.Path))
        {
            Assert.Equal(shards.Length, read.ShardCount);
            foreach (var tensor in scene.Source.Weights) Assert.True(tensor.ToFloats().AsSpan().SequenceEqual(read.Weight(tensor.Name).ToFloats()), tensor.Name);
        }
        // Only a tensor that is larger by itself makes a file larger than was asked for.
        foreach (var shard in shards)
        {
            using var file = Open(_saved.Path, shard);
            Assert.True(file.Tensors.Count == 1 || file.Tensors.Values.Sum(tensor => tensor.ByteCount) <= 200_000, shard);
        }

        // Saved as one file afterwards, nothing of the shards is left.
        using var whole = new SavingScene("b_untied_widehead");
        whole.Save(_saved.Path);
        Assert.Empty(Directory.EnumerateFiles(_saved.Path, "model-*"));
        Assert.False(File.Exists(_saved.At("model.safetensors.index.json")));
    }

    /// <summary>What transformers makes of tensors of these sizes, in the order of its files.</summary>
    [Theory]
    [InlineData("6 4 2 2", "6 4|2 2")]
    [InlineData("6 10 30 2 2", "6|30|10|2 2")]
    [InlineData("30 1", "30|1")]
    [InlineData("1 2", "1 2")]
    public void Shards_are_filled_in_order_and_a_tensor_too_large_for_any_stands_alone(string sizes, string shards)
    {
        var parameters = sizes.Split(' ').Select((size, i) => new Parameter($"{i}", [int.Parse(size, CultureInfo.InvariantCulture)], Decays: false, Start: 0));
        var parted = WeightShards.Parted([.. parameters], TensorType.F32, mostBytes: 40);
        Assert.Equal(shards, string.Join('|', parted.Select(shard => string.Join(' ', shard.Select(parameter => parameter.Length)))));
    }

    public void Dispose() => _saved.Dispose();

    private static List<string> Files(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file)).Order()];

    private static SafetensorsFile Open(string directory, string name) => SafetensorsFile.Open(Path.Combine(directory, name));

    private static JsonObject Json(string directory, string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(directory, name)))!.AsObject();

    private static IEnumerable<string> Words(JsonNode list) => list.AsArray().Select(word => word!.GetValue<string>()).Order();

    private static void Same(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{expected?.ToJsonString()}\n{actual?.ToJsonString()}");

    /// <summary>Class, arguments, and names, shapes and types of the tensors.</summary>
    private static void SameDecider(object? theirs, object? ours)
    {
        var (expected, actual) = ((Dictionary<string, object?>)theirs!, (Dictionary<string, object?>)ours!);
        Assert.Equal(expected["class"], actual["class"]);
        Assert.Equal(Tensors(expected), Tensors(actual));
        var (asked, given) = ((Dictionary<string, object?>)expected["init_args"]!, (Dictionary<string, object?>)actual["init_args"]!);
        foreach (var (key, value) in asked)
        {
            // The golden models were given another threshold after they were made, and one of them no type.
            if (key is not ("dtype" or "threshold")) Assert.Equal(Text(value), Text(given[key]));
        }
    }

    private static IEnumerable<string> Tensors(Dictionary<string, object?> root) =>
        ((Dictionary<string, object?>)root["state_dict"]!)
            .Select(entry => (entry.Key, Tensor: (TorchTensor)entry.Value!))
            .Select(entry => $"{entry.Key} {entry.Tensor.Storage.Type} {string.Join('x', entry.Tensor.Shape)}").Order();

    private static string Text(object? value) => value switch
    {
        PickleTuple tuple => Text(tuple.Items),
        System.Collections.IEnumerable list and not string => string.Join(',', list.Cast<object?>().Select(Text)),
        IConvertible number => string.Create(CultureInfo.InvariantCulture, $"{number}"),
        _ => value?.ToString() ?? "None",
    };
}
