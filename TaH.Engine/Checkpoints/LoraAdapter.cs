namespace TaH.Engine;

/// <summary>The low-rank updates of a TaH model, applied to passes of depth 1 and deeper: y += scale * B (A x).</summary>
public sealed class LoraAdapter : IDisposable
{
    private const string ConfigName = "lora/adapter_config.json";
    private const string WeightsName = "lora/adapter_model.safetensors";

    private readonly SafetensorsFile _file;

    private LoraAdapter(LoraConfig config, SafetensorsFile file)
    {
        Config = config;
        _file = file;
    }

    /// <summary>Rank, scale and targets.</summary>
    public LoraConfig Config { get; }

    /// <summary>The tensors as the file names them.</summary>
    public IReadOnlyDictionary<string, MappedTensor> Tensors => _file.Tensors;

    /// <summary>The down-projection of a module, [rank, inputs]; null where it has no update.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="projection">q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj.</param>
    public MappedTensor? A(int layer, string projection) => Find(layer, projection, "A");

    /// <summary>The up-projection of a module, [outputs, rank]; null where it has no update.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="projection">q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj.</param>
    public MappedTensor? B(int layer, string projection) => Find(layer, projection, "B");

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Opens the <c>lora</c> directory of a checkpoint and checks it against the base model.</summary>
    internal static LoraAdapter Open(string directory, Qwen3Config model)
    {
        var config = LoraConfig.Read(Path.Combine(directory, "lora", "adapter_config.json"), ConfigName);
        CheckTargets(config);
        var file = SafetensorsFile.Open(Path.Combine(directory, "lora", "adapter_model.safetensors"), WeightsName);
        try
        {
            CheckTensors(config, file, model);
            return new LoraAdapter(config, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void CheckTargets(LoraConfig config)
    {
        foreach (var target in config.TargetModules)
        {
            var last = target[(target.LastIndexOf('.') + 1)..];
            if (target == LoraConfig.AllLinear || Qwen3Tensors.Projections.Any(known => known.Name == last)) continue;
            throw new CheckpointException(ConfigName, "target_modules",
                $"names {Words.Quoted(target)}, updates are computed for q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj and down_proj");
        }
    }

    private static void CheckTensors(LoraConfig config, SafetensorsFile file, Qwen3Config model)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        for (var layer = 0; layer < model.LayerCount; layer++)
        {
            foreach (var (block, name) in Qwen3Tensors.Projections)
            {
                if (!config.Adapts(Module(layer, block, name))) continue;
                var (outputs, inputs) = Qwen3Tensors.ProjectionShape(model, name);
                Check(file, Key(layer, block, name, "A"), [config.Rank, inputs]);
                Check(file, Key(layer, block, name, "B"), [outputs, config.Rank]);
                expected.Add(Key(layer, block, name, "A"));
                expected.Add(Key(layer, block, name, "B"));
            }
        }

        var extra = file.Tensors.Keys.FirstOrDefault(key => !expected.Contains(key));
        if (extra is not null) throw file.Fault(extra, "is not a tensor of the projections that lora/adapter_config.json names");
        if (expected.Count == 0) throw new CheckpointException(ConfigName, "target_modules", "names no projection of this model");
    }

    private static void Check(SafetensorsFile file, string key, long[] shape)
    {
        if (!file.Tensors.TryGetValue(key, out var tensor)) throw file.Fault(key, "is missing, though lora/adapter_config.json names its projection");
        if (!tensor.Type.IsWeightType) throw file.Fault(key, $"has dtype {tensor.Type.Label}, BF16, F16 or F32 was expected");
        if (tensor.Shape.AsSpan().SequenceEqual(shape)) return;
        throw file.Fault(key, $"has shape {Words.Shape(tensor.Shape)}, config.json and the rank give {Words.Shape(shape)}");
    }

    private static string Module(int layer, string block, string name) => $"{Qwen3Tensors.Layer(layer)}.{block}.{name}";

    private static string Key(int layer, string block, string name, string matrix) => Key(Module(layer, block, name), matrix);

    /// <summary>The name of one matrix of an update, as peft saves it.</summary>
    /// <param name="module">For instance <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <param name="matrix">A or B.</param>
    internal static string Key(string module, string matrix) => $"base_model.model.{module}.lora_{matrix}.weight";

    private MappedTensor? Find(int layer, string projection, string matrix)
    {
        var (block, name) = Qwen3Tensors.Projections.FirstOrDefault(known => known.Name == projection);
        if (name is null) throw new ArgumentException($"{projection} is not one of the seven projections of a layer", nameof(projection));
        return _file.Tensors.GetValueOrDefault(Key(layer, block, name, matrix));
    }
}
