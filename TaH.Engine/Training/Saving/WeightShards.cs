using System.Text;
using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>The weights of the plain model as transformers saves them: one file, or shards of a limited size and an index.</summary>
/// <remarks>Source: split_state_dict_into_shards_factory of github.com/huggingface/huggingface_hub and save_pretrained of transformers.</remarks>
internal static class WeightShards
{
    /// <summary>The size that transformers has parted models at for years.</summary>
    public const long UsualBytes = 5_000_000_000;

    /// <summary>Writes the files.</summary>
    /// <param name="files">Where to.</param>
    /// <param name="group">The weights.</param>
    /// <param name="names">Their names in the order of the model.</param>
    /// <param name="type">The type that is written.</param>
    /// <param name="mostBytes">Of a file; a tensor that is larger has one of its own.</param>
    public static void Save(StagedCheckpoint files, ParameterGroup group, IEnumerable<string> names, TensorType type, long mostBytes)
    {
        var shards = Parted([.. names.Select(name => group[name])], type, mostBytes);
        for (var number = 0; number < shards.Count; number++) Save(files, NameOf(number, shards.Count), group, shards[number], type);
        if (shards.Count > 1) files.Write(ShardIndex.FileName, stream => stream.Write(Encoding.UTF8.GetBytes(Index(shards, type))));
    }

    /// <summary>Writes some tensors of a group as one file.</summary>
    public static void Save(StagedCheckpoint files, string name, ParameterGroup group, IEnumerable<Parameter> parameters, TensorType type)
    {
        var writer = new SafetensorsWriter();
        writer.AddMetadata("format", "pt");
        foreach (var parameter in parameters)
        {
            writer.Add(parameter.Name, type, [.. parameter.Shape.Select(size => (long)size)],
                stream => DeviceTensor.Write(group.Device, group.ValuesOf(parameter.Name), type, stream));
        }
        files.Write(name, writer.Write);
    }

    /// <summary>In order; a tensor that does not fit any more begins the next shard, and one that fits into none has one of its own.</summary>
    internal static List<List<Parameter>> Parted(IReadOnlyList<Parameter> parameters, TensorType type, long mostBytes)
    {
        var (shards, current, bytes) = (new List<List<Parameter>>(), new List<Parameter>(), 0L);
        foreach (var parameter in parameters)
        {
            var size = parameter.Length * type.ByteSize;
            if (size > mostBytes)
            {
                shards.Add([parameter]);
                continue;
            }
            if (bytes + size > mostBytes)
            {
                shards.Add(current);
                (current, bytes) = ([], 0);
            }
            current.Add(parameter);
            bytes += size;
        }
        if (current.Count > 0) shards.Add(current);
        return shards;
    }

    private static string NameOf(int number, int count) =>
        count == 1 ? "model.safetensors" : FormattableString.Invariant($"model-{number + 1:D5}-of-{count:D5}.safetensors");

    private static string Index(List<List<Parameter>> shards, TensorType type)
    {
        var elements = shards.Sum(shard => shard.Sum(parameter => parameter.Length));
        var places = shards.SelectMany((shard, number) => shard.Select(parameter => (parameter.Name, File: NameOf(number, shards.Count))));
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_parameters"] = elements, ["total_size"] = elements * type.ByteSize },
            ["weight_map"] = new JsonObject(places.OrderBy(place => place.Name, StringComparer.Ordinal)
                .Select(place => KeyValuePair.Create(place.Name, (JsonNode?)place.File))),
        };
        return index.ToJsonString(TrainedCheckpoint.Indented) + "\n";
    }
}
