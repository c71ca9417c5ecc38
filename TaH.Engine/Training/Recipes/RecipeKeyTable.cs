namespace TaH.Engine;

/// <summary>Which key of a recipe says what.</summary>
internal static class RecipeKeyTable
{
    private static readonly string[] Meaningless =
    [
        "model.device_map", "model.trust_remote_code", "model.attn_implementation", "model.embedding_key",
        "model.iter_label_generator_kwargs", "model.input_updater", "model.eval_iter_decider", "model.eval_iter_decider_kwargs",
        "model.output_updater_kwargs", "model.eval_loss", "model.eval_loss_kwargs", "model.adapter_kwargs.base_grad",
        "model.adapter_kwargs.adapter_grad", "model.iter_decider_kwargs.max_iter", "model.train_loss_kwargs.max_iter",
        "model.train_loss_kwargs.skip_last_iter", "data.iter_count_strategy", "training.report_to", "training.wandb_project", "training.wandb_name",
        "training.wandb_entity", "training.save_only_model", "training.save_total_limit", "training.logging_steps", "training.freeze_component",
        "training.per_device_eval_batch_size", "training.eval_on_start", "training.save_strategy", "training.eval_strategy",
        "training.lr_scheduler_type",
    ];

    public static RecipeSettings Read(RecipeKeys keys)
    {
        keys.Ignore(Meaningless);
        var loss = keys.Text("model.train_loss");
        var stage = loss switch
        {
            null => (TrainingStage?)null,
            "NextTokenPredLoss" => TrainingStage.Backbone,
            "IterDeciderLoss" => TrainingStage.Decider,
            _ => throw keys.Fault("model.train_loss", $"is {Words.Quoted(loss)}, NextTokenPredLoss or IterDeciderLoss was expected"),
        };
        var name = keys.Text("model.name");
        return new RecipeSettings
        {
            Stage = stage,
            Model = keys.Text("model.tah_model_path") ?? name,
            Precision = Precision(keys),
            MaxIter = keys.Integer("model.max_iter", 1),
            SoftTopK = keys.Integer("model.input_updater_kwargs.topk", 1),
            Lora = Lora(keys),
            Decider = Decider(keys),
            Ablations = Ablations(keys),
            PositiveWeight = keys.Number("model.train_loss_kwargs.pos_weight"),
            Data = keys.Text("data.train_data_path"),
            EvaluationData = keys.Text("data.eval_data_path"),
            Output = keys.Text("data.output_dir"),
            MaxLength = keys.Integer("data.max_length", 2),
            DropsLongRows = keys.Word("data.max_length_action", ("cutoff", false), ("filter", true)),
            Epochs = keys.Number("training.num_train_epochs"),
            Steps = keys.Integer("training.max_steps", -1) is > 0 and var steps ? steps : null,
            RowsPerDevice = keys.Integer("training.per_device_train_batch_size", 1),
            AccumulationSteps = keys.Integer("training.gradient_accumulation_steps", 1),
            Recomputes = keys.Flag("training.gradient_checkpointing"),
            Optimizer = keys.Word(
                "training.optim", ("adamw_torch", OptimizerKind.AdamW), ("adamw_torch_fused", OptimizerKind.AdamW), ("adamw_8bit", OptimizerKind.AdamW8Bit),
                ("adamw_bnb_8bit", OptimizerKind.AdamW8Bit), ("sgd", OptimizerKind.Sgd)),
            LearningRate = keys.Number("training.learning_rate"),
            WeightDecay = keys.Number("training.weight_decay"),
            WarmupRatio = keys.Number("training.warmup_ratio", 0, 1),
            MinLearningRateRate = keys.Number("training.lr_scheduler_kwargs.min_lr_rate", 0, 1),
            MaxGradientNorm = keys.Number("training.max_grad_norm"),
            EvaluationSteps = keys.Integer("training.eval_steps", 0),
            SaveSteps = keys.Integer("training.save_steps", 0),
            Seed = keys.Integer("training.seed", 0),
        };
    }

    private static TrainingPrecision? Precision(RecipeKeys keys)
    {
        var type = keys.Word("model.torch_dtype", ("bfloat16", TrainingPrecision.Bf16), ("float32", TrainingPrecision.F32));
        return keys.Flag("training.bf16") == true ? TrainingPrecision.Bf16 : type;
    }

    /// <summary>What the first release of the official code had a choice for.</summary>
    private static Ablations Ablations(RecipeKeys keys) => new()
    {
        Attention = keys.Word(
            "model.iter_attention_mode", (TahConfigKeys.Duo, AttentionScope.DuoCausal), (TahConfigKeys.SameIteration, AttentionScope.OwnDepth),
            (TahConfigKeys.Root, AttentionScope.FirstDepth)) ?? AttentionScope.DuoCausal,
        LogitsResidual = keys.Word("model.output_updater", (TahConfigKeys.Additive, true), (TahConfigKeys.NoUpdater, false)) ?? true,
        Lora = keys.Word("model.adapter", ("lora", true), (TahConfigKeys.NoAdapter, false)) ?? true,
        DynamicOracle = keys.Word(
            "model.iter_label_generator", ("FixedIterLabelGenerator", false), ("DynamicMismatchIterLabelGenerator", true)) ?? false,
    };

    private static LoraRecipe? Lora(RecipeKeys keys)
    {
        if (keys.Text("model.adapter_kwargs.bias") is not ("none" or null)) throw keys.Fault("model.adapter_kwargs.bias", "is not none; updates have no bias");
        if (keys.Text("model.adapter_kwargs.target_modules") is not ("all-linear" or null))
            throw keys.Fault("model.adapter_kwargs.target_modules", "is not all-linear; every projection of a layer gets an update");
        var defaults = new LoraRecipe();
        return new LoraRecipe(
            keys.Integer("model.adapter_kwargs.r", 1) ?? defaults.Rank, keys.Number("model.adapter_kwargs.lora_alpha") ?? defaults.Alpha,
            keys.Number("model.adapter_kwargs.lora_dropout", 0, 1) ?? defaults.Dropout);
    }

    private static DeciderConfig? Decider(RecipeKeys keys)
    {
        const string Kwargs = "model.iter_decider_kwargs";
        var name = keys.Text("model.iter_decider");
        if (name is null or "IterLabelDecider") return null;
        if (name != "MLPIterDecider") throw keys.Fault("model.iter_decider", $"is {Words.Quoted(name)}, IterLabelDecider or MLPIterDecider was expected");
        var defaults = new DeciderConfig();
        return new DeciderConfig
        {
            TopK = keys.Integer($"{Kwargs}.topk", 1) ?? defaults.TopK,
            HiddenSize = keys.Integer($"{Kwargs}.hidden_states_size", 1) ?? defaults.HiddenSize,
            HiddenLayers = keys.Integers($"{Kwargs}.hidden_states_layer_nums") ?? defaults.HiddenLayers,
            HiddenDims = keys.Integers($"{Kwargs}.hidden_dims") ?? defaults.HiddenDims,
            ExpansionFactor = keys.Integer($"{Kwargs}.expansion_factor", 1) ?? defaults.ExpansionFactor,
            DropoutRate = keys.Number($"{Kwargs}.dropout_rate", 0, 1) ?? defaults.DropoutRate,
            NormalizeInput = keys.Flag($"{Kwargs}.normalize_input") ?? defaults.NormalizeInput,
            Threshold = keys.Number($"{Kwargs}.threshold", 0, 1) ?? defaults.Threshold,
            ThresholdIsGiven = true,
        };
    }
}
