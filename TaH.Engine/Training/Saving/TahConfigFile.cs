using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>tah_config.json as the official code writes it.</summary>
internal static class TahConfigFile
{
    /// <summary>The file of a stage.</summary>
    public static JsonObject Of(TahConfig tah, ModelDescription model, TrainingRecipe recipe)
    {
        var file = Common(tah, model, recipe);
        // Only ours reads it, and takes a checkpoint without lora/ for whole.
        if (model.Lora is null) file[TahConfig.HasAdapterKey] = false;
        return file;
    }

    private static JsonObject Common(TahConfig tah, ModelDescription model, TrainingRecipe recipe) => new()
    {
        ["embedding_key"] = "model.embed_tokens",
        ["max_iter"] = tah.MaxIter,
        ["iter_decider"] = tah.IterDecider,
        ["iter_decider_kwargs"] = model.Decider is { } decider ? Decider(decider) : new JsonObject { ["max_iter"] = tah.MaxIter },
        ["eval_iter_decider"] = "iter_decider",
        ["eval_iter_decider_kwargs"] = new JsonObject(),
        ["input_updater_kwargs"] = new JsonObject { ["topk"] = tah.SoftEmbeddingTopK },
        // The official code knows no model without: there, the update of one that has no lora/ is zero.
        ["adapter"] = "lora",
        ["adapter_kwargs"] = Adapter(model.Lora, tah, recipe),
        ["train_loss"] = recipe.Stage == TrainingStage.Decider ? "IterDeciderLoss" : "NextTokenPredLoss",
        ["train_loss_kwargs"] = recipe.Stage == TrainingStage.Decider
            ? new JsonObject { ["pos_weight"] = recipe.PositiveWeight, ["skip_last_iter"] = true, ["max_iter"] = tah.MaxIter }
            : new JsonObject(),
        ["eval_loss"] = "NextTokenPredLoss",
        ["eval_loss_kwargs"] = new JsonObject(),
    };

    private static JsonObject Adapter(LoraConfig? lora, TahConfig tah, TrainingRecipe recipe)
    {
        var arguments = new JsonObject
        {
            ["r"] = lora?.Rank ?? tah.AdapterRank, ["lora_alpha"] = lora?.Alpha ?? tah.AdapterAlpha,
            ["lora_dropout"] = lora?.Dropout ?? recipe.Lora.Dropout,
            ["target_modules"] = lora is null || lora.AdaptsAll ? LoraConfig.AllLinear : AdapterConfigFile.Targets(lora), ["bias"] = "none",
        };
        if (lora is { UseRsLora: true }) arguments["use_rslora"] = true;
        return arguments;
    }

    private static JsonObject Decider(DeciderConfig config) => new()
    {
        ["topk"] = config.TopK,
        ["hidden_states_size"] = config.HiddenSize,
        ["hidden_states_layer_nums"] = new JsonArray([.. config.HiddenLayers.Select(layer => (JsonNode)layer)]),
        ["hidden_dims"] = new JsonArray([.. config.HiddenDims.Select(width => (JsonNode)width)]),
        ["expansion_factor"] = config.ExpansionFactor,
        ["dropout_rate"] = config.DropoutRate,
        ["normalize_input"] = config.NormalizeInput,
        ["threshold"] = config.Threshold,
        ["max_iter"] = config.MaxIter,
        // Written, so that the official loader keeps the parameters and the threshold as they are instead of rounding them to bfloat16.
        ["dtype"] = new JsonObject { ["__dtype__"] = true, ["__str__"] = "torch.float32" },
    };
}
