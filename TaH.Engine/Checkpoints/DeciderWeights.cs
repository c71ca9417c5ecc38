using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>A parameter of the decider.</summary>
/// <param name="Name">Its name in the official state dict, for instance <c>backbone.blocks.0.mlp.3.weight</c>.</param>
/// <param name="Shape">[out, in] for a linear layer, [width] for a bias or a norm.</param>
/// <param name="Values">Row-major, already rounded to the decider's type as the official loader does.</param>
public sealed record DeciderTensor(string Name, ImmutableArray<int> Shape, float[] Values);

/// <summary>The parameters of a learned decider, as the official loader leaves them in a float32 model.</summary>
/// <remarks>Source: load_iter_decider of github.com/thu-nics/TaH at 1e07bc3. It loads whatever matches by name and leaves the rest at random;
/// here a missing parameter is an error. Names that the network does not have are ignored in both. A bfloat16 model there casts its decider to
/// bfloat16 besides, whatever the decider's own type; here that is left to whoever runs a model in bfloat16.</remarks>
public sealed class DeciderWeights
{
    private const string FileName = "iter_decider.bin";

    internal DeciderWeights(DeciderConfig config, IReadOnlyDictionary<string, DeciderTensor> tensors)
    {
        Config = config;
        Tensors = tensors;
    }

    /// <summary>The settings, with the stored threshold where tah_config.json gives none.</summary>
    public DeciderConfig Config { get; }

    /// <summary>The parameters by name; the threshold is not among them.</summary>
    public IReadOnlyDictionary<string, DeciderTensor> Tensors { get; }

    /// <summary>A parameter that the network has.</summary>
    /// <param name="name">Its name in the official state dict.</param>
    /// <exception cref="KeyNotFoundException">A network of these settings has no such parameter.</exception>
    public DeciderTensor this[string name] => Tensors[name];

    /// <summary>Reads iter_decider.bin.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The settings, from tah_config.json; those stored in the file are ignored, as the official loader does.</param>
    /// <exception cref="CheckpointException">The file is damaged or hostile, or its tensors do not fit the settings.</exception>
    public static DeciderWeights Read(string path, DeciderConfig config) => TorchArchive.Read(path, FileName, archive => Read(archive, config));

    private static DeciderWeights Read(TorchArchive archive, DeciderConfig config)
    {
        if (archive.ReadPickle() is not Dictionary<string, object?> root) throw Fault(null, "does not hold a dictionary");
        var className = root.GetValueOrDefault("class") as string;
        if (root.GetValueOrDefault("state_dict") is not Dictionary<string, object?> state) throw Fault("state_dict", "is missing or no dictionary");

        var tensors = new Dictionary<string, DeciderTensor>(StringComparer.Ordinal);
        foreach (var (name, shape) in DeciderTensors.Of(config))
        {
            var values = ReadTensor(archive, state, name, shape, className);
            // The official class makes this one norm without the decider's type.
            if (!name.StartsWith(DeciderTensors.HiddenNorm, StringComparison.Ordinal)) RoundAll(values, config);
            tensors.Add(name, new DeciderTensor(name, shape, values));
        }

        return new DeciderWeights(WithStoredThreshold(archive, config, state), tensors);
    }

    private static float[] ReadTensor(TorchArchive archive, Dictionary<string, object?> state, string name, ImmutableArray<int> shape,
        string? className)
    {
        if (!state.TryGetValue(name, out var value))
        {
            var cause = className == "MLPIterDecider" ? "it was saved with other settings"
                : $"the file holds {Words.Name(className ?? "no class")}, perhaps of the first training stage";
            throw Fault(name, $"is missing; {cause}");
        }

        if (value is not TorchTensor tensor) throw Fault(name, "is not a tensor");
        if (!tensor.Shape.SequenceEqual(shape.Select(size => (long)size)))
        {
            throw Fault(name, $"has shape {Words.Shape(tensor.Shape)}, tah_config.json gives {Words.Shape(shape.Select(size => (long)size))}");
        }

        var values = archive.ReadFloats(name, tensor);
        var bad = Array.FindIndex(values, number => !float.IsFinite(number));
        return bad < 0 ? values : throw Fault(name, $"has {values[bad]} at element {Words.Grouped(bad)}");
    }

    private static void RoundAll(float[] values, DeciderConfig config)
    {
        for (var i = 0; i < values.Length; i++) values[i] = config.Round(values[i]);
    }

    private static DeciderConfig WithStoredThreshold(TorchArchive archive, DeciderConfig config, Dictionary<string, object?> state)
    {
        if (config.ThresholdIsGiven || !state.ContainsKey("threshold")) return config;
        var stored = ReadTensor(archive, state, "threshold", [], className: null)[0];
        return stored is >= 0 and <= 1 ? config with { Threshold = stored } : throw Fault("threshold", $"is {stored}, allowed are 0 to 1");
    }

    private static CheckpointException Fault(string? field, string fact) => new(FileName, field, fact);
}
