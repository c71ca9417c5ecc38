using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>lora/adapter_config.json as peft writes it.</summary>
internal static class AdapterConfigFile
{
    /// <summary>The file of an adapter on every projection.</summary>
    public static JsonObject Of(LoraConfig lora, TrainingRecipe recipe) => new()
    {
        ["auto_mapping"] = new JsonObject
        {
            ["base_model_class"] = "Qwen3ForCausalLM", ["parent_library"] = "transformers.models.qwen3.modeling_qwen3",
        },
        ["base_model_name_or_path"] = null,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["lora_alpha"] = lora.Alpha,
        ["lora_dropout"] = recipe.Lora.Dropout,
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = lora.Rank,
        ["target_modules"] = new JsonArray([.. Qwen3Tensors.Projections.Select(projection => (JsonNode)projection.Name)]),
        ["task_type"] = null,
        ["use_dora"] = false,
        ["use_rslora"] = lora.UseRsLora,
    };
}
