namespace TaH.Engine;

/// <summary>What a stage's model is, which of its parts are trained, and what their first values are.</summary>
internal static class StageModel
{
    // Of a chunk's logits, which lie in memory twice: as they are and as products read them.
    private const long LogitBytesOnGpu = 1L << 30;
    private const long LogitBytesOnCpu = 1L << 26;
    private const int MostHeadRows = 8192;
    private const int DefaultSoftTopK = 100;
    private const int LeastHeadRows = 16;

    /// <summary>The model that the stage trains, made of its source.</summary>
    /// <exception cref="UsageException">The source is no model that the stage can start from.</exception>
    public static ModelDescription Of(TrainingRecipe recipe, Checkpoint source)
    {
        var given = ModelDescription.Of(source);
        return recipe.Stage switch
        {
            TrainingStage.Base => given with { Tah = null, Lora = null, Decider = null },
            TrainingStage.Backbone => given with { Tah = Iterating(recipe, DeciderKind.Labels, null), Lora = Updates(recipe), Decider = null },
            TrainingStage.Joint => WithDecider(recipe, given with { Lora = Updates(recipe) }),
            _ => WithDecider(recipe, given),
        };
    }

    /// <summary>What the recipe leaves to the checkpoint: stage 2 runs passes as stage 1 trained them.</summary>
    /// <exception cref="UsageException">The source is no model that the stage can start from, or trained otherwise than the recipe says.</exception>
    public static TrainingRecipe Resolve(TrainingRecipe recipe, Checkpoint source)
    {
        var name = ModelDescription.Of(source).Name;
        if (recipe.Stage != TrainingStage.Decider)
        {
            CheckUpdates(recipe, source, name);
            return recipe with { MaxIter = recipe.Passes, SoftTopK = recipe.SoftTopK ?? DefaultSoftTopK };
        }
        if (source.Tah is not { } tah) throw new UsageException($"--stage 2 starts from the result of stage 1; {name} is a plain model");
        var asked = recipe.Ablations;
        if (asked.Attention != AttentionScope.DuoCausal && asked.Attention != tah.Attention) throw Otherwise("--attention", name);
        if (!asked.Lora && tah.HasLora) throw Otherwise("--no-lora", name);
        if (!asked.LogitsResidual && tah.AddsLogits) throw Otherwise("--no-residual", name);
        if (recipe.SoftTopK is { } topK && topK != tah.SoftEmbeddingTopK) throw Otherwise("input_updater_kwargs.topk", name);
        return recipe with
        {
            MaxIter = recipe.MaxIter ?? tah.MaxIter, SoftTopK = tah.SoftEmbeddingTopK,
            Ablations = new Ablations { Attention = tah.Attention, LogitsResidual = tah.AddsLogits, Lora = tah.HasLora },
        };
    }

    /// <summary>What the stage changes.</summary>
    public static TrainedParts TrainedParts(TrainingRecipe recipe) => recipe.Stage switch
    {
        TrainingStage.Base => Engine.TrainedParts.Backbone,
        TrainingStage.Backbone => Engine.TrainedParts.Backbone | (recipe.Ablations.Lora ? Engine.TrainedParts.Lora : Engine.TrainedParts.None),
        TrainingStage.Joint => Engine.TrainedParts.Backbone | Engine.TrainedParts.Decider | (recipe.Ablations.Lora ? Engine.TrainedParts.Lora : Engine.TrainedParts.None),
        _ => Engine.TrainedParts.Decider,
    };

    /// <summary>Reads or draws the first values.</summary>
    public static void Initialise(TrainingModel model, TrainingRecipe recipe, Checkpoint source)
    {
        var random = new Xoshiro256(recipe.Seed);
        if (recipe.FromScratch) ParameterInitialiser.FromScratch(model, random, 0.02f);
        else ParameterInitialiser.FromCheckpoint(model, source, random, takesDecider: false);
    }

    /// <summary>What products multiply where nobody says it: bf16 on tensor cores if the model's sizes allow it, else f32.</summary>
    public static TrainingPrecision PrecisionFor(ComputeDevice device, ModelDescription model)
    {
        var shape = model.Shape;
        int[] sizes = [shape.Hidden, shape.Ffn, shape.Heads * shape.HeadDim, shape.KvHeads * shape.HeadDim, shape.Vocab, model.Lora?.Rank ?? 8];
        return device.Kind == DeviceKind.Cuda && device.Generation >= CudaGeneration.Ampere && sizes.All(size => size % 8 == 0)
            ? TrainingPrecision.Bf16
            : TrainingPrecision.F32;
    }

    /// <summary>How passes of a trained model are computed.</summary>
    public static StepOptions Options(TahConfig? tah, ComputeDevice device, ModelShape shape)
    {
        var rules = PassRules.Of(tah);
        return new StepOptions
        {
            HeadRows = HeadRows(device, shape), SoftTopK = tah?.SoftEmbeddingTopK ?? DefaultSoftTopK, AddsLogits = rules.AddsLogits, Scope = rules.Attention,
        };
    }

    /// <summary>How passes are computed.</summary>
    public static StepOptions Options(TrainingRecipe recipe, ComputeDevice device, ModelShape shape) => new()
    {
        HeadRows = HeadRows(device, shape),
        SoftTopK = recipe.SoftTopK ?? DefaultSoftTopK, Recomputes = recipe.RecomputesActivations, AddsLogits = recipe.Ablations.LogitsResidual,
        Scope = recipe.Ablations.Attention,
    };

    private static int HeadRows(ComputeDevice device, ModelShape shape)
    {
        var bytes = device.Info.IsGpu ? LogitBytesOnGpu : LogitBytesOnCpu;
        return (int)Math.Clamp(bytes / (sizeof(float) * (long)shape.Vocab), LeastHeadRows, MostHeadRows);
    }

    /// <summary>Updates that the source has are gone on with, so they must be those that the recipe asks for.</summary>
    private static void CheckUpdates(TrainingRecipe recipe, Checkpoint source, string name)
    {
        if (recipe.Stage == TrainingStage.Base || !recipe.Ablations.Lora || source.Lora?.Config is not { } stored || stored.Rank == recipe.Lora.Rank) return;
        throw new UsageException(FormattableString.Invariant(
            $"{name} has updates of rank {stored.Rank}, and --lora-rank {recipe.Lora.Rank} asks for others; give its rank, or start from its plain model"));
    }

    private static UsageException Otherwise(string option, string name) =>
        new($"{option} is not what {name} was trained with; stage 2 runs its passes as stage 1 did, whatever is left out there");

    private static ModelDescription WithDecider(TrainingRecipe recipe, ModelDescription given)
    {
        var decider = recipe.Decider ?? DeciderFor(given.Config, recipe);
        var last = given.Config.LayerCount;
        if (decider.HiddenLayers.FirstOrDefault(layer => layer < 0 || layer > last, -1) is >= 0 and var outside)
            throw new UsageException($"the decider reads hidden state {outside}, and {given.Name} has 0 to {last}");
        if (decider.HiddenSize != given.Config.HiddenSize)
            throw new UsageException($"the decider's hidden_states_size is {decider.HiddenSize}, and {given.Name} has {given.Config.HiddenSize}");
        if (decider.TopK > given.Config.VocabSize)
            throw new UsageException($"the decider reads {decider.TopK} logits, and {given.Name} has {given.Config.VocabSize}");
        decider = decider with { MaxIter = recipe.Passes, Type = TensorType.F32, DropoutRate = recipe.DeciderDropout };
        return given with { Tah = Iterating(recipe, DeciderKind.Learned, decider), Decider = decider };
    }

    /// <summary>A decider in the proportions of the official ones: four hidden states over the depth of the model, six blocks.</summary>
    private static DeciderConfig DeciderFor(Qwen3Config model, TrainingRecipe recipe)
    {
        var layers = model.LayerCount;
        var width = Math.Max(32, model.HiddenSize / 4);
        return new DeciderConfig
        {
            TopK = Math.Min(100, model.VocabSize), HiddenSize = model.HiddenSize,
            HiddenLayers = [.. new[] { layers / 6, layers / 2, 5 * layers / 6, layers }.Distinct()], HiddenDims = [width, width, width, width],
            ThresholdIsGiven = true, Threshold = recipe.Threshold ?? 0.8,
        };
    }

    private static TahConfig Iterating(TrainingRecipe recipe, DeciderKind kind, DeciderConfig? decider) => new()
    {
        MaxIter = recipe.Passes, SoftEmbeddingTopK = recipe.SoftTopK ?? DefaultSoftTopK, Kind = kind, Decider = decider,
        Attention = recipe.Ablations.Attention, AddsLogits = recipe.Ablations.LogitsResidual, HasLora = recipe.Ablations.Lora,
        IterDecider = kind == DeciderKind.Learned ? "MLPIterDecider" : "IterLabelDecider", AdapterRank = recipe.Lora.Rank, AdapterAlpha = recipe.Lora.Alpha,
    };

    private static LoraConfig? Updates(TrainingRecipe recipe) => recipe.Ablations.Lora
        ? new LoraConfig(recipe.Lora.Rank, recipe.Lora.Alpha, UseRsLora: false, [.. Qwen3Tensors.Projections.Select(projection => projection.Name)])
        {
            Dropout = recipe.Lora.Dropout,
        }
        : null;
}
