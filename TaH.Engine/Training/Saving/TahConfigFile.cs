using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>tah_config.json as the official code writes it.</summary>
internal static class TahConfigFile
{
    /// <summary>The file of a stage.</summary>
    public static JsonObject Of(TahConfig tah, ModelDescription model, TrainingRecipe recipe)
    {
        var file = Whole(tah, model, recipe);
        // What an ablation leaves out; the whole method has no such key, as in the official files.
        if (tah.Attention != AttentionScope.DuoCausal)
            file["iter_attention_mode"] = tah.Attention == AttentionScope.OwnDepth ? TahConfigKeys.SameIteration : TahConfigKeys.Root;
        if (!tah.AddsLogits) file["output_updater"] = TahConfigKeys.NoUpdater;
        if (tah.HasLora) return file;
        file["adapter"] = TahConfigKeys.NoAdapter;
        file["adapter_kwargs"] = new JsonObject();
        return file;
    }

    private static JsonObject Whole(TahConfig tah, ModelDescription model, TrainingRecipe recipe) => new()
    {
        ["embedding_key"] = "model.embed_tokens",
        ["max_iter"] = tah.MaxIter,
        ["iter_decider"] = tah.IterDecider,
        ["iter_decider_kwargs"] = model.Decider is { } decider ? Decider(decider) : new JsonObject { ["max_iter"] = tah.MaxIter },
        ["eval_iter_decider"] = "iter_decider",
        ["eval_iter_decider_kwargs"] = new JsonObject(),
        ["input_updater_kwargs"] = new JsonObject { ["topk"] = tah.SoftEmbeddingTopK },
        ["adapter"] = "lora",
        ["adapter_kwargs"] = model.Lora is { } lora ? Adapter(lora) : new JsonObject(),
        ["train_loss"] = recipe.Stage == TrainingStage.Decider ? "IterDeciderLoss" : "NextTokenPredLoss",
        ["train_loss_kwargs"] = recipe.Stage == TrainingStage.Decider
            ? new JsonObject { ["pos_weight"] = recipe.PositiveWeight, ["skip_last_iter"] = true, ["max_iter"] = tah.MaxIter }
            : new JsonObject(),
        ["eval_loss"] = "NextTokenPredLoss",
        ["eval_loss_kwargs"] = new JsonObject(),
    };

    private static JsonObject Adapter(LoraConfig lora)
    {
        var arguments = new JsonObject
        {
            ["r"] = lora.Rank, ["lora_alpha"] = lora.Alpha, ["lora_dropout"] = lora.Dropout,
            ["target_modules"] = lora.AdaptsAll ? LoraConfig.AllLinear : AdapterConfigFile.Targets(lora), ["bias"] = "none",
        };
        if (lora.UseRsLora) arguments["use_rslora"] = true;
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
