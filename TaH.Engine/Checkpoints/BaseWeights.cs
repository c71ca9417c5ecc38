namespace TaH.Engine;

/// <summary>The base model's tensors, from one file or from shards, checked against config.json.</summary>
internal sealed class BaseWeights : IDisposable
{
    private const string SingleFile = "model.safetensors";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, MappedTensor Tensor)> _tensors = new(StringComparer.Ordinal);

    private BaseWeights(string directory, Qwen3Config config)
    {
        try
        {
            OpenFiles(directory);
            CheckNamesAndShapes(config);
            CheckTypes(config);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The type that all tensors have.</summary>
    public TensorType Type { get; private set; }

    /// <summary>How many files they are in.</summary>
    public int FileCount => _files.Count;

    /// <summary>True where a head is stored beside tied embeddings; it is not used, as in transformers.</summary>
    public bool IgnoresStoredHead { get; private set; }

    /// <summary>The tensors that the model uses.</summary>
    public IEnumerable<MappedTensor> Tensors => _tensors.Values.Select(found => found.Tensor);

    /// <summary>Opens the weights of a directory. A single file wins over an index, as in transformers.</summary>
    public static BaseWeights Open(string directory, Qwen3Config config) => new(directory, config);

    /// <summary>A tensor of the model.</summary>
    public MappedTensor this[string name] => _tensors.TryGetValue(name, out var found)
        ? found.Tensor
        : throw new KeyNotFoundException($"the model has no tensor {name}");

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    private void OpenFiles(string directory)
    {
        var single = Path.Combine(directory, SingleFile);
        var index = Path.Combine(directory, ShardIndex.FileName);
        if (File.Exists(single)) Add(single, SingleFile);
        else if (File.Exists(index)) OpenShards(directory, ShardIndex.Read(index));
        else throw new CheckpointException(directory, null, $"holds neither {SingleFile} nor {ShardIndex.FileName}");
    }

    private SafetensorsFile Add(string path, string name)
    {
        var file = SafetensorsFile.Open(path, name);
        _files.Add(file);
        foreach (var tensor in file.Tensors.Values)
        {
            if (!_tensors.TryAdd(tensor.Name, (file, tensor))) throw file.Fault(tensor.Name, "is in another shard too");
        }

        return file;
    }

    private void OpenShards(string directory, ShardIndex index)
    {
        foreach (var shard in index.Shards)
        {
            var file = Add(Path.Combine(directory, shard), shard);
            var stray = file.Tensors.Keys.FirstOrDefault(name => !index.FileOf.TryGetValue(name, out var home) || home != shard);
            if (stray is not null) throw file.Fault(stray, $"is here, but {ShardIndex.FileName} does not say so");
        }

        var lost = index.FileOf.FirstOrDefault(entry => !_tensors.ContainsKey(entry.Key));
        if (lost.Key is null) return;
        throw new CheckpointException(ShardIndex.FileName, Words.Name(lost.Key), $"should be in {lost.Value}, which does not hold it");
    }

    private void CheckNamesAndShapes(Qwen3Config config)
    {
        if (config.TieWordEmbeddings) IgnoresStoredHead = _tensors.Remove(Qwen3Tensors.Head);
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, shape) in Qwen3Tensors.Of(config))
        {
            if (!_tensors.TryGetValue(name, out var found)) throw Missing(name);
            if (!found.Tensor.Shape.AsSpan().SequenceEqual(shape))
            {
                throw found.File.Fault(name, $"has shape {Words.Shape(found.Tensor.Shape)}, config.json gives {Words.Shape(shape)}");
            }

            expected.Add(name);
        }

        var extra = _tensors.FirstOrDefault(entry => !expected.Contains(entry.Key));
        if (extra.Key is not null) throw extra.Value.File.Fault(extra.Key, "is not a tensor of the model that config.json describes");
    }

    private CheckpointException Missing(string name)
    {
        var file = _files.Count == 1 ? SingleFile : ShardIndex.FileName;
        var cause = name == Qwen3Tensors.Head ? "config.json says tie_word_embeddings false" : "config.json asks for it";
        return new CheckpointException(file, name, $"is missing; {cause}");
    }

    private void CheckTypes(Qwen3Config config)
    {
        Type = config.DeclaredType ?? this[Qwen3Tensors.Embedding].Type;
        foreach (var (name, (file, tensor)) in _tensors)
        {
            if (!tensor.Type.IsWeightType) throw file.Fault(name, $"has dtype {tensor.Type.Label}, BF16, F16 or F32 was expected");
            if (tensor.Type == Type) continue;
            var source = config.DeclaredType is null ? Qwen3Tensors.Embedding + " has" : "config.json says";
            throw file.Fault(name, $"has dtype {tensor.Type.Label}, {source} {Type.Label}");
        }
    }
}
