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
        // Which of the other two are needed depends on what tah_config.json says; Open looks.
        if (File.Exists(Path.Combine(directory, ConfigName))) return true;
        return HasLora(directory) || HasDecider(directory) ? throw Incomplete(directory) : false;
    }

    /// <summary>Opens the adapter and the decider; returns the configuration with what only they know.</summary>
    public static (TahConfig, LoraAdapter?, DeciderWeights?) Open(string directory, TahConfig tah, Qwen3Config model)
    {
        if (tah.HasAdapter && !HasLora(directory)) throw Incomplete(directory);
        var config = tah.Decider is null ? null : Checked(tah.Decider, model);
        var decider = config is null ? null : ReadDecider(directory, config);
        tah = tah with { Decider = decider?.Config };
        if (!tah.HasAdapter) return (tah, null, decider);
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

        return (tah, lora, decider);
    }

    private static bool HasLora(string directory) => Directory.Exists(Path.Combine(directory, "lora"));

    private static bool HasDecider(string directory) => File.Exists(Path.Combine(directory, DeciderName));

    private static CheckpointException Incomplete(string directory)
    {
        (string Name, bool IsThere)[] parts =
            [(ConfigName, File.Exists(Path.Combine(directory, ConfigName))), ("lora/", HasLora(directory)), (DeciderName, HasDecider(directory))];
        var present = string.Join(" and ", parts.Where(part => part.IsThere).Select(part => part.Name));
        var missing = string.Join(" and no ", parts.Where(part => !part.IsThere && part.Name != DeciderName).Select(part => part.Name));
        return new CheckpointException(directory, null,
            $"has {present} but no {missing}; a TaH checkpoint has all, a plain one none (an incomplete copy?)");
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
            $"has {ConfigName} and lora/ but no {DeciderName}, which MLPIterDecider needs (an incomplete copy?)");
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
