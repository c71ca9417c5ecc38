using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>lora/adapter_config.json as peft writes it.</summary>
internal static class AdapterConfigFile
{
    /// <summary>The file of an adapter.</summary>
    public static JsonObject Of(LoraConfig lora) => new()
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
        ["lora_dropout"] = lora.Dropout,
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = lora.Rank,
        ["target_modules"] = Targets(lora),
        ["task_type"] = null,
        ["use_dora"] = false,
        ["use_rslora"] = lora.UseRsLora,
    };

    /// <summary>The names of the modules that have an update.</summary>
    public static JsonArray Targets(LoraConfig lora)
    {
        IEnumerable<string> names = lora.AdaptsAll ? Qwen3Tensors.Projections.Select(projection => projection.Name) : lora.TargetModules;
        return new JsonArray([.. names.Select(name => (JsonNode)name)]);
    }
}
