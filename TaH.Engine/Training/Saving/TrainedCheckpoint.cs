using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>Saves what was trained in the official layout, which transformers, peft and the official code read.</summary>
internal static class TrainedCheckpoint
{
    /// <summary>As Python's json.dump with an indent of 2.</summary>
    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    /// <summary>Saves a checkpoint. It is there whole or not at all: whatever ends the saving leaves what was there before.</summary>
    /// <param name="directory">Where; made if it is not there. Files that do not belong to a checkpoint are left alone.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="recipe">Which stage they are of.</param>
    /// <param name="source">The checkpoint that the run started from: configuration and tokenizer are taken from it.</param>
    /// <param name="disk">The file system; null for the real one.</param>
    /// <exception cref="BadFileException">The directory cannot be written to.</exception>
    public static void Save(string directory, TrainingModel model, TrainingRecipe recipe, Checkpoint source, SavingDisk? disk = null)
    {
        try
        {
            using var files = new StagedCheckpoint(directory, disk ?? new SavingDisk());
            WriteAll(files, model, recipe, source);
            files.Complete();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(
                directory, null, $"the checkpoint cannot be saved: {refused.Message.TrimEnd('.')}; what was there stays", refused);
        }
    }

    /// <summary>Makes a directory, and tidies up in it and others behind a process that ended while it saved a checkpoint there.</summary>
    /// <exception cref="BadFileException">The directory cannot be written to.</exception>
    public static void Prepare(string directory, params ReadOnlySpan<string> others)
    {
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var place in (string[])[directory, .. others]) new CheckpointSwap(place, new SavingDisk()).Recover();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(directory, null, $"cannot be written to: {refused.Message.TrimEnd('.')}", refused);
        }
    }

    private static void WriteAll(StagedCheckpoint files, TrainingModel model, TrainingRecipe recipe, Checkpoint source)
    {
        var type = (recipe.SaveType ?? source.WeightType) == TensorType.F32 ? TensorType.F32 : TensorType.Bf16;
        var names = TrainingTensors.OfBackbone(model.Description.Config).Select(tensor => tensor.Name);
        WeightShards.Save(files, model.Backbone, names, type, recipe.MaxShardBytes);
        WriteConfig(files, source, type);
        foreach (var name in CompanionFiles.Names)
            if (File.Exists(Path.Combine(source.Directory, name))) Copy(files, source, name);
        if (model.Description.Tah is not { } tah) return;
        Write(files, TahParts.ConfigName, TahConfigFile.Of(tah, model.Description, recipe));
        if (model.Description.Lora is { } lora)
        {
            WeightShards.Save(files, "lora/adapter_model.safetensors", model.Lora, model.Lora.Parameters, type);
            Write(files, "lora/adapter_config.json", AdapterConfigFile.Of(lora));
        }
        DeciderFiles.Save(files, model);
    }

    private static void WriteConfig(StagedCheckpoint files, Checkpoint source, TensorType type)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source.Directory, "config.json")))!.AsObject();
        var key = config.ContainsKey("dtype") || !config.ContainsKey("torch_dtype") ? "dtype" : "torch_dtype";
        config[key] = type == TensorType.F32 ? "float32" : "bfloat16";
        Write(files, "config.json", config);
    }

    private static void Copy(StagedCheckpoint files, Checkpoint source, string name) => files.Write(name, target =>
    {
        using var original = File.OpenRead(Path.Combine(source.Directory, name));
        original.CopyTo(target);
    });

    private static void Write(StagedCheckpoint files, string name, JsonObject json) =>
        files.Write(name, stream => JsonSerializer.Serialize(stream, json, Indented));
}
