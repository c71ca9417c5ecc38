using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>Saves what was trained in the official layout, which transformers, peft and the official code read.</summary>
internal static class TrainedCheckpoint
{
    /// <summary>
    /// Saves a checkpoint. All files are written beside their places first and take them only then: a full disk leaves what was there.
    /// </summary>
    /// <param name="directory">Where; made if it is not there.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="recipe">Which stage they are of.</param>
    /// <param name="source">The checkpoint that the run started from: configuration and tokenizer are taken from it.</param>
    /// <exception cref="BadFileException">The directory cannot be written to.</exception>
    public static void Save(string directory, TrainingModel model, TrainingRecipe recipe, Checkpoint source)
    {
        var staging = Path.Combine(directory, FormattableString.Invariant($".saving-{Environment.ProcessId}"));
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var left in Directory.EnumerateDirectories(directory, ".saving-*")) Directory.Delete(left, recursive: true);
            Directory.CreateDirectory(staging);
            WriteAll(staging, model, recipe, source);
            MoveInto(staging, directory);
            Directory.Delete(staging, recursive: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(directory, null, $"the checkpoint cannot be saved: {refused.Message.TrimEnd('.')}; what was there stays", refused);
        }
    }

    private static void WriteAll(string directory, TrainingModel model, TrainingRecipe recipe, Checkpoint source)
    {
        var type = recipe.SaveType ?? source.WeightType;
        SaveTensors(Path.Combine(directory, "model.safetensors"), model.Backbone, type);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source.Directory, "config.json")))!.AsObject();
        var key = config.ContainsKey("dtype") || !config.ContainsKey("torch_dtype") ? "dtype" : "torch_dtype";
        config[key] = type == TensorType.F32 ? "float32" : "bfloat16";
        Write(Path.Combine(directory, "config.json"), config);
        CompanionFiles.Copy(source.Directory, directory);
        if (model.Description.Tah is not { } tah) return;
        Write(Path.Combine(directory, "tah_config.json"), TahConfigFile.Of(tah, model.Description, recipe));
        if (model.Description.Lora is { } lora)
        {
            Directory.CreateDirectory(Path.Combine(directory, "lora"));
            SaveTensors(Path.Combine(directory, "lora", "adapter_model.safetensors"), model.Lora, type);
            Write(Path.Combine(directory, "lora", "adapter_config.json"), AdapterConfigFile.Of(lora, recipe));
        }
        DeciderFiles.Save(directory, model, recipe);
    }

    private static void SaveTensors(string path, ParameterGroup group, TensorType type)
    {
        var writer = new SafetensorsWriter();
        writer.AddMetadata("format", "pt");
        foreach (var parameter in group.Parameters)
        {
            var values = group.Read(parameter.Name);
            if (type == TensorType.F32) writer.Add(parameter.Name, values, parameter.Shape);
            else writer.AddBf16(parameter.Name, [.. values.Select(BFloat16.FromSingle)], parameter.Shape);
        }
        writer.Save(path);
    }

    private static void Write(string path, JsonObject json) =>
        File.WriteAllText(path, json.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }));

    private static void MoveInto(string staging, string directory)
    {
        foreach (var file in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(directory, Path.GetRelativePath(staging, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target, overwrite: true);
        }
    }
}
