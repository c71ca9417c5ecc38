namespace TaH.Engine;

/// <summary>iter_decider.bin, which the official code reads, and iter_decider.safetensors beside it.</summary>
internal static class DeciderFiles
{
    /// <summary>Saves a model's decider; that of stage 1 has no parameters but a threshold.</summary>
    public static void Save(StagedCheckpoint files, TrainingModel model)
    {
        var decider = model.Description.Decider;
        var storages = new List<float[]>();
        var state = new Dictionary<string, object?>();
        var tensors = new SafetensorsWriter();
        void Add(string name, float[] values, int[] shape)
        {
            state.Add(name, new PickledTensor(storages.Count, shape));
            storages.Add(values);
            tensors.Add(name, values, shape);
        }
        Add("threshold", [(float)(decider?.Threshold ?? 0.5)], []);
        if (decider is not null)
            foreach (var (name, _) in DeciderTensors.Of(decider)) Add(name, model.Decider.Read(name), model.Decider[name].Shape);
        var root = new Dictionary<string, object?>
        {
            ["class"] = model.Description.Tah!.IterDecider, ["state_dict"] = state, ["init_args"] = Arguments(model.Description),
        };
        files.Write("iter_decider.bin", stream => TorchArchiveWriter.Write(stream, "iter_decider", root, storages));
        if (decider is not null) files.Write("iter_decider.safetensors", tensors.Write);
    }

    private static Dictionary<string, object?> Arguments(ModelDescription model)
    {
        if (model.Decider is not { } decider) return new Dictionary<string, object?> { ["max_iter"] = model.Tah!.MaxIter };
        return new Dictionary<string, object?>
        {
            ["topk"] = decider.TopK, ["hidden_states_size"] = decider.HiddenSize, ["hidden_states_layer_nums"] = decider.HiddenLayers,
            ["hidden_dims"] = decider.HiddenDims, ["expansion_factor"] = decider.ExpansionFactor, ["dropout_rate"] = decider.DropoutRate,
            ["normalize_input"] = decider.NormalizeInput, ["threshold"] = decider.Threshold, ["max_iter"] = decider.MaxIter,
            ["dtype"] = new PickledGlobal("torch", "float32"),
        };
    }
}
