namespace TaH.Engine;

/// <summary>The three parts that make a plain checkpoint a TaH one, checked against each other and against the base model.</summary>
internal static class TahParts
{
    public const string ConfigName = "tah_config.json";

    private const string DeciderName = "iter_decider.bin";
    private const string AdapterConfigName = "lora/adapter_config.json";

    /// <summary>True where the directory is a TaH checkpoint, false where it is a plain one.</summary>
    /// <exception cref="CheckpointException">Some parts are there and others are not.</exception>
    public static bool ArePresent(string directory)
    {
        var lora = Directory.Exists(Path.Combine(directory, "lora"));
        var decider = File.Exists(Path.Combine(directory, DeciderName));
        var config = File.Exists(Path.Combine(directory, ConfigName));
        // Whether the decider's file is needed depends on what tah_config.json says; Open looks.
        if (config && (lora || HasNoAdapter(directory))) return true;
        if (!config && !lora && !decider) return false;
        (string Name, bool IsThere)[] parts = [(ConfigName, config), ("lora/", lora), (DeciderName, decider)];
        var present = string.Join(" and ", parts.Where(part => part.IsThere).Select(part => part.Name));
        var missing = string.Join(" and no ", parts.Where(part => !part.IsThere && part.Name != DeciderName).Select(part => part.Name));
        throw new CheckpointException(directory, null,
            $"has {present} but no {missing}; a TaH checkpoint has all, a plain one none (an incomplete copy?)");
    }

    /// <summary>Opens the adapter and the decider; returns the configuration with what only they know.</summary>
    public static (TahConfig, LoraAdapter?, DeciderWeights?) Open(string directory, TahConfig tah, Qwen3Config model)
    {
        var config = tah.Decider is null ? null : Checked(tah.Decider, model);
        var decider = config is null ? null : ReadDecider(directory, config);
        return (tah with { Decider = decider?.Config }, OpenLora(directory, tah, model), decider);
    }

    /// <summary>Whether the configuration says that deeper passes have no updates.</summary>
    private static bool HasNoAdapter(string directory) =>
        JsonFile.Read(Path.Combine(directory, ConfigName), ConfigName)["adapter"] is { IsAbsent: false } adapter && adapter.Text() == TahConfigKeys.NoAdapter;

    private static LoraAdapter? OpenLora(string directory, TahConfig tah, Qwen3Config model)
    {
        if (!tah.HasLora)
        {
            if (Directory.Exists(Path.Combine(directory, "lora"))) throw Fault("adapter", "is \"none\", and there is a directory lora/ beside it");
            return null;
        }

        var lora = LoraAdapter.Open(directory, model);
        try
        {
            CheckAgreement(tah, lora.Config);
        }
        catch
        {
            lora.Dispose();
            throw;
        }

        return lora;
    }

    private static DeciderConfig Checked(DeciderConfig decider, Qwen3Config model)
    {
        if (decider.HiddenSize != model.HiddenSize)
        {
            throw Fault("iter_decider_kwargs.hidden_states_size", $"is {decider.HiddenSize}, config.json says hidden_size {model.HiddenSize}");
        }

        if (decider.TopK > model.VocabSize)
        {
            throw Fault("iter_decider_kwargs.topk", $"is {decider.TopK}, the vocabulary has {model.VocabSize} tokens");
        }

        foreach (var layer in decider.HiddenLayers)
        {
            if (layer <= model.LayerCount) continue;
            throw Fault("iter_decider_kwargs.hidden_states_layer_nums", $"names {layer}, the model has hidden states 0 to {model.LayerCount}");
        }

        // The official class reads the last hidden state where none is named.
        return decider.HiddenLayers.IsEmpty ? decider with { HiddenLayers = [model.LayerCount] } : decider;
    }

    private static DeciderWeights ReadDecider(string directory, DeciderConfig config)
    {
        var path = Path.Combine(directory, DeciderName);
        if (File.Exists(path)) return DeciderWeights.Read(path, config);
        throw new CheckpointException(directory, null,
            $"has {ConfigName}{(Directory.Exists(Path.Combine(directory, "lora")) ? " and lora/" : "")} but no {DeciderName}, which MLPIterDecider needs (an incomplete copy?)");
    }

    /// <summary>The official loader builds the adapter from tah_config.json and never opens adapter_config.json; where both speak they must
    /// agree.</summary>
    private static void CheckAgreement(TahConfig tah, LoraConfig lora)
    {
        if (tah.AdapterRank is { } rank && rank != lora.Rank) throw Disagree("r", rank, lora.Rank);
        if (tah.AdapterAlpha is { } alpha && alpha != lora.Alpha) throw Disagree("lora_alpha", alpha, lora.Alpha);
        if (tah.AdapterUseRsLora is { } stabilised && stabilised != lora.UseRsLora) throw Disagree("use_rslora", stabilised, lora.UseRsLora);
    }

    private static CheckpointException Disagree(string key, object here, object there) =>
        Fault($"adapter_kwargs.{key}", FormattableString.Invariant($"is {here}, {AdapterConfigName} says {there}"));

    private static CheckpointException Fault(string field, string fact) => new(ConfigName, field, fact);
}
