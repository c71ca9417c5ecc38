namespace TaH.Tests;

/// <summary>One edit in one JSON file of a good checkpoint, and the whole sentence that opening it then gives.</summary>
public sealed class CheckpointConfigTests
{
    private const string Config = "config.json";
    private const string Tah = "tah_config.json";
    private const string Lora = "lora/adapter_config.json";

    public static TheoryData<string, string, string, string> Edits => new()
    {
        // What this engine does not compute.
        { Config, "\"qwen3\"", "\"llama\"", "config.json: model_type: is \"llama\", this engine runs \"qwen3\"" },
        { Config, "\"silu\"", "\"gelu\"", "config.json: hidden_act: is \"gelu\", only \"silu\" is computed" },
        { Config, "\"attention_bias\": false", "\"attention_bias\": true",
            "config.json: attention_bias: is true, attention biases are not computed" },
        { Config, "\"use_sliding_window\": false", "\"use_sliding_window\": true",
            "config.json: use_sliding_window: is true, sliding-window attention is not computed" },
        { Config, "\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"",
            "config.json: rope_parameters.rope_type: is \"yarn\", only \"default\" is computed" },
        { Config, "\"use_cache\"", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"use_cache\"",
            "config.json: rope_scaling.type: is \"linear\", only \"default\" is computed" },
        { Config, "\"use_cache\"", "\"rope_scaling\": {\"factor\": 2.0}, \"use_cache\"",
            "config.json: rope_scaling.factor: is not 1, rope scaling is not computed" },
        { Config, "\"use_cache\"", "\"rope_theta\": 1e4, \"use_cache\"", "config.json: rope_theta: differs from rope_parameters.rope_theta" },
        { Config, "\"use_cache\"", "\"quantization_config\": {\"bits\": 4}, \"use_cache\"",
            "config.json: quantization_config: is set, quantized checkpoints are not read" },
        { Config, "\"layer_types\": [\n    \"full_attention\"", "\"layer_types\": [\n    \"sliding_attention\"",
            "config.json: layer_types[0]: is \"sliding_attention\", only \"full_attention\" is computed" },
        { Config, "\"layer_types\": [\n    \"full_attention\",", "\"layer_types\": [",
            "config.json: layer_types: has 3 items, num_hidden_layers is 4" },
        { Config, "\"float32\"", "\"int8\"", "config.json: dtype: is \"int8\", weights may be bfloat16, float16 or float32" },
        { Lora, "\"use_dora\": false", "\"use_dora\": true", "lora/adapter_config.json: use_dora: is set, this engine does not compute it" },
        { Lora, "\"rank_pattern\": {}", "\"rank_pattern\": {\"q_proj\": 4}",
            "lora/adapter_config.json: rank_pattern: is set, this engine does not compute it" },
        { Lora, "\"alpha_pattern\": {}", "\"alpha_pattern\": {\"q_proj\": 4}",
            "lora/adapter_config.json: alpha_pattern: is set, this engine does not compute it" },
        { Lora, "\"fan_in_fan_out\": false", "\"fan_in_fan_out\": true",
            "lora/adapter_config.json: fan_in_fan_out: is set, this engine does not compute it" },
        { Lora, "\"modules_to_save\": null", "\"modules_to_save\": [\"lm_head\"]",
            "lora/adapter_config.json: modules_to_save: is set, this engine does not compute it" },
        { Lora, "\"bias\": \"none\"", "\"bias\": \"all\"", "lora/adapter_config.json: bias: is \"all\", only \"none\" is computed" },
        { Lora, "\"LORA\"", "\"IA3\"", "lora/adapter_config.json: peft_type: is \"IA3\", only \"LORA\" is computed" },
        { Lora, "\"q_proj\"", "\"lm_head\"",
            "lora/adapter_config.json: target_modules: names \"lm_head\", updates are computed for q_proj, k_proj, v_proj, o_proj, gate_proj, "
                + "up_proj and down_proj" },
        { Tah, "\"lora\"", "\"cascade\"", "tah_config.json: adapter: is \"cascade\", only \"lora\" and \"none\" are computed" },
        { Tah, "\"lora\"", "\"none\"", "tah_config.json: adapter: is \"none\", and there is a directory lora/ beside it" },
        { Tah, "\"embedding_key\"", "\"iter_attention_mode\": \"all\", \"embedding_key\"",
            "tah_config.json: iter_attention_mode: is \"all\", known are \"duo\", \"same_iter\" and \"root\"" },
        { Tah, "\"embedding_key\"", "\"output_updater\": \"Mean\", \"embedding_key\"",
            "tah_config.json: output_updater: is \"Mean\", known are \"AdditiveLogitsUpdater\" and \"NoneUpdater\"" },
        { Tah, "\"model.embed_tokens\"", "\"wte\"", "tah_config.json: embedding_key: is \"wte\", a Qwen3 model has \"model.embed_tokens\"" },
        { Tah, "\"iter_decider\": \"MLPIterDecider\"", "\"iter_decider\": \"Oracle\"",
            "tah_config.json: iter_decider: is \"Oracle\", known are MLPIterDecider, IterLabelDecider, TrivialIterDecider and "
                + "AlwaysWrapperIterDecider" },
        { Tah, "\"eval_iter_decider\": \"iter_decider\"", "\"eval_iter_decider\": \"MLPIterDecider\"",
            "tah_config.json: eval_iter_decider: is \"MLPIterDecider\", a decider of its own for evaluation; only \"iter_decider\", the trained "
                + "one, is read" },
        { Tah, "\"topk\": 16", "\"depth\": 3, \"topk\": 16", "tah_config.json: iter_decider_kwargs.depth: is not an argument of MLPIterDecider" },
        { Tah, "\"topk\": 16", "\"load_path\": \"/etc\", \"topk\": 16",
            "tah_config.json: iter_decider_kwargs.load_path: names another directory; this engine reads the decider of the checkpoint itself" },
        { Tah, "\"torch.float32\"", "\"torch.int8\"",
            "tah_config.json: iter_decider_kwargs.dtype.__str__: is \"torch.int8\", a decider may be torch.bfloat16, torch.float16 or "
                + "torch.float32" },
        { Tah, "{\n      \"__dtype__\": true,\n      \"__str__\": \"torch.float32\"\n    }", "\"bfloat16\"",
            "tah_config.json: iter_decider_kwargs.dtype: expected an object, found \"bfloat16\"" },

        // Values that make no sense, alone or beside others.
        { Config, "\"vocab_size\": 320", "\"vocab_size\": \"320\"", "config.json: vocab_size: expected a whole number, found \"320\"" },
        { Config, "\"vocab_size\": 320", "\"vocab_size\": 320.5", "config.json: vocab_size: expected a whole number, found 320.5" },
        { Config, "\"vocab_size\": 320", "\"vocab_size\": -1", "config.json: vocab_size: is -1, allowed are 1 to 16777216" },
        { Config, "\"vocab_size\": 320", "\"vocab\": 320", "config.json: vocab_size: is missing, a whole number was expected" },
        { Config, "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
            "config.json: num_key_value_heads: is 3, which does not divide num_attention_heads 4" },
        { Config, "\"head_dim\": 16", "\"head_dim\": 15", "config.json: head_dim: is 15, rotary embedding needs an even number" },
        { Config, "\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": 1e999", "config.json: rms_norm_eps: is 1e999, a finite number was expected" },
        { Config, "\"rope_theta\": 1000000.0", "\"rope_theta\": 0",
            "config.json: rope_parameters.rope_theta: is 0, allowed are 5E-324 to 1.7976931348623157E+308" },
        { Config, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": 1",
            "config.json: tie_word_embeddings: expected true or false, found 1" },
        { Config, "\"hidden_size\": 64", "\"hidden_size\": 80",
            "model.safetensors: model.embed_tokens.weight: has shape [320, 64], config.json gives [320, 80]" },
        { Config, "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 4096", "config.json: layer_types: has 4 items, num_hidden_layers is 4096" },
        { Config, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false",
            "model.safetensors: lm_head.weight: is missing; config.json says tie_word_embeddings false" },
        { Config, "\"float32\"", "\"bfloat16\"", "model.safetensors: model.embed_tokens.weight: has dtype F32, config.json says BF16" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"eos_token_id\": 320",
            "generation_config.json: eos_token_id: is 320, allowed are 0 to 319" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"eos_token_id\": [1, \"2\"]",
            "generation_config.json: eos_token_id[1]: expected a whole number, found \"2\"" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"top_p\": 1.5",
            "generation_config.json: top_p: is 1.5, allowed is above 0 and at most 1 (all)" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"top_p\": 1e-60",
            "generation_config.json: top_p: is 1E-60, allowed is above 0 and at most 1 (all)" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"temperature\": 1e6",
            "generation_config.json: temperature: is 1000000, allowed is from 0 (greedy) to 100" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"min_p\": -0.5",
            "generation_config.json: min_p: is -0.5, allowed is from 0 (all) to 1" },
        { "generation_config.json", "\"eos_token_id\": 1", "\"repetition_penalty\": 0",
            "generation_config.json: repetition_penalty: is 0, allowed is above 0 and at most 100; 1 is none" },
        { Tah, "\"threshold\": 0.42578125", "\"threshold\": NaN",
            "tah_config.json: is not valid JSON at line 21, byte 18: 'N' is an invalid start of a value" },
        { Tah, "\"threshold\": 0.42578125", "\"threshold\": 1e400",
            "tah_config.json: iter_decider_kwargs.threshold: is 1e400, a finite number was expected" },
        { Tah, "\"threshold\": 0.42578125", "\"threshold\": -0.5", "tah_config.json: iter_decider_kwargs.threshold: is -0.5, allowed are 0 to 1" },
        { Tah, "\"max_iter\": 2,\n  \"iter_decider\"", "\"max_iter\": null,\n  \"iter_decider\"",
            "tah_config.json: max_iter: is null, a whole number was expected" },
        { Tah, "\"max_iter\": 2,\n  \"iter_decider\"", "\"max_iter\": 0,\n  \"iter_decider\"",
            "tah_config.json: max_iter: is 0, allowed are 1 to 16" },
        { Tah, "\"max_iter\": 2,\n  \"iter_decider\"", "\"max_iter\": 17,\n  \"iter_decider\"",
            "tah_config.json: max_iter: is 17, allowed are 1 to 16" },
        { Tah, "\"hidden_states_layer_nums\": [\n      1", "\"hidden_states_layer_nums\": [\n      5",
            "tah_config.json: iter_decider_kwargs.hidden_states_layer_nums: names 5, the model has hidden states 0 to 4" },
        { Tah, "\"hidden_states_layer_nums\": [\n      1", "\"hidden_states_layer_nums\": [\n      -1",
            "tah_config.json: iter_decider_kwargs.hidden_states_layer_nums[0]: is -1, allowed are 0 to 1048576" },
        { Tah, "\"topk\": 16", "\"topk\": 321", "tah_config.json: iter_decider_kwargs.topk: is 321, the vocabulary has 320 tokens" },
        { Tah, "\"topk\": 16", "\"topk\": 20", "iter_decider.bin: logits_projection.weight: has shape [64, 16], tah_config.json gives [64, 20]" },
        { Tah, "\"hidden_states_size\": 64", "\"hidden_states_size\": 128",
            "tah_config.json: iter_decider_kwargs.hidden_states_size: is 128, config.json says hidden_size 64" },
        { Tah, "\"hidden_dims\": [", "\"hidden_dims\": [ 32,",
            "iter_decider.bin: backbone.blocks.0.mlp.3.weight: has shape [48, 128], tah_config.json gives [32, 128]" },
        { Tah, "\"normalize_input\": false", "\"normalize_input\": true",
            "iter_decider.bin: layer_norm_hidden_states.weight: is missing; it was saved with other settings" },
        { Tah, "\"lora_alpha\": 16", "\"lora_alpha\": 32", "tah_config.json: adapter_kwargs.lora_alpha: is 32, lora/adapter_config.json says 16" },
        { Lora, "\"r\": 8", "\"r\": 4",
            "lora/adapter_model.safetensors: base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight: has shape [8, 64], config.json and "
                + "the rank give [4, 64]" },
        { Lora, "\"r\": 8", "\"r\": 0", "lora/adapter_config.json: r: is 0, allowed are 1 to 65536" },
        { Lora, "\"target_modules\": [", "\"target_modules\": \".*q_proj\", \"x\": [",
            "lora/adapter_config.json: target_modules: is the pattern \".*q_proj\", a list of names or \"all-linear\" was expected" },

        // JSON that is not what it should be.
        { Config, "\"use_cache\"", "\"vocab_size\": 320, \"use_cache\"", "config.json: vocab_size: appears twice in the same object" },
        { Config, "\"use_cache\"", "\"x\": {\"y\": [{\"z\": 1, \"z\": 2}]}, \"use_cache\"",
            "config.json: x.y[0].z: appears twice in the same object" },
        { Config, "\"use_cache\"", "\"\\ud800\": 1, \"use_cache\"", "config.json: has a key with an escape that is no Unicode character" },
        { Config, "\"silu\"", "\"\\udc00\"", "config.json: hidden_act: has an escape that is no Unicode character" },
        { Config, "\"silu\",", "\"silu\"",
            "config.json: is not valid JSON at line 12, byte 3: '\"' is invalid after a value. Expected either ',', '}', or ']'" },
    };

    [Theory, MemberData(nameof(Edits))]
    public void Says_in_one_sentence_what_is_wrong(string file, string find, string replacement, string message)
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        var text = File.ReadAllText(scratch[file]);
        Assert.Contains(find, text, StringComparison.Ordinal);
        var at = text.IndexOf(find, StringComparison.Ordinal);
        File.WriteAllText(scratch[file], text[..at] + replacement + text[(at + find.Length)..]);
        Assert.Equal(message, Assert.Throws<CheckpointException>(() => Checkpoint.Open(scratch.Path)).Message);
    }

    [Theory]
    [InlineData("[1, 2]", "config.json: expected an object, found an array")]
    [InlineData("3", "config.json: expected an object, found 3")]
    [InlineData("",
        "config.json: is not valid JSON at line 1, byte 1: The input does not contain any JSON tokens. Expected the input to start with a valid "
            + "JSON token, when isFinalBlock is true")]
    public void Refuses_json_that_is_no_object(string text, string message)
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch[Config], text);
        Assert.Equal(message, Assert.Throws<CheckpointException>(() => Qwen3Config.Read(scratch[Config])).Message);
    }

    [Fact]
    public void Refuses_files_that_are_too_long_too_deep_or_not_utf8()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch[Config], new byte[(1 << 20) + 1]);
        Assert.Equal("config.json: has 1,048,577 bytes, at most 1,048,576 are read", Refusal());
        File.WriteAllBytes(scratch[Config], "{\"a\": \"\xFF\"}"u8.ToArray().Select((b, i) => i == 7 ? (byte)0xFF : b).ToArray());
        Assert.Equal("config.json: is not valid UTF-8", Refusal());
        File.WriteAllText(scratch[Config], new string('[', 100_000));
        Assert.StartsWith("config.json: is not valid JSON at line 1, byte 33: The maximum configured depth of 32", Refusal(),
            StringComparison.Ordinal);

        string Refusal() => Assert.Throws<CheckpointException>(() => Qwen3Config.Read(scratch[Config])).Message;
    }

    [Fact]
    public void Missing_values_take_the_official_defaults()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch[Config], """
            {"model_type":"qwen3","vocab_size":8,"hidden_size":12,"intermediate_size":4,"num_hidden_layers":1,"num_attention_heads":3,
            "rms_norm_eps":1e-6,"rope_theta":10000,"max_position_embeddings":16,"eos_token_id":[3,4],"rope_scaling":null}
            """);
        Assert.Equal(new Qwen3Config(8, 12, 4, 1, 3, 3, 4, 1e-6, 1e4, 16, false, null), Qwen3Config.Read(scratch[Config]));
        Assert.Equal([3, 4], GenerationConfig.Read(scratch.Path).EosTokenIds);

        File.WriteAllText(scratch[Tah],
            """{"max_iter":2,"iter_decider":"MLPIterDecider","iter_decider_kwargs":{"threshold":0.9},"output_updater":"AdditiveLogitsUpdater"}""");
        var tah = TahConfig.Read(scratch[Tah]);
        Assert.Equal((100, null, TensorType.Bf16), (tah.SoftEmbeddingTopK, tah.Decider!.MaxIter, tah.Decider.Type));
        Assert.Equal((0.9, 0.8984375f), (tah.Decider.Threshold, tah.Decider.EffectiveThreshold));
        Assert.Equal([16, 20, 24, 28], tah.Decider.HiddenLayers);
    }

    [Theory]
    [InlineData("IterLabelDecider", "{}", DeciderKind.Labels)]
    [InlineData("TrivialIterDecider", "{}", DeciderKind.Never)]
    [InlineData("AlwaysWrapperIterDecider", "{}", DeciderKind.Always)]
    [InlineData("AlwaysWrapperIterDecider", "{\"mode\":\"stop\"}", DeciderKind.Never)]
    public void Fixed_policies_say_what_they_do_and_need_no_file(string name, string kwargs, DeciderKind kind)
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        File.Delete(scratch["iter_decider.bin"]);
        File.WriteAllText(scratch[Tah], $$"""{"max_iter":2,"iter_decider":"{{name}}","iter_decider_kwargs":{{kwargs}}}""");
        using var checkpoint = Checkpoint.Open(scratch.Path);
        Assert.Equal((name, kind), (checkpoint.Tah!.IterDecider, checkpoint.Tah.Kind));
        Assert.Null(checkpoint.Decider);
    }

    [Fact]
    public void Rank_stabilised_scaling_divides_by_the_root()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch["a.json"], """{"r":16,"lora_alpha":8,"use_rslora":true,"target_modules":"all-linear"}""");
        Assert.Equal(2.0, LoraConfig.Read(scratch["a.json"]).Scale);
    }
}
