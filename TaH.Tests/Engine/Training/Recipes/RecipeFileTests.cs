namespace TaH.Tests;

public class RecipeFileTests
{
    private const string Official = """
        model:
          name: Qwen/Qwen3-1.7B-Base
          torch_dtype: bfloat16
          max_iter: 2
          device_map: auto
          iter_decider: IterLabelDecider
          input_updater_kwargs: { topk: 100 }
          adapter: lora
          adapter_kwargs: { r: 32, lora_alpha: 64, lora_dropout: 0.1, target_modules: all-linear, bias: none }
          train_loss: NextTokenPredLoss
        data:
          train_data_path: labelled.parquet
          eval_data_path: eval.jsonl
          output_dir: out
          max_length: 10000
          max_length_action: filter
        training:
          num_train_epochs: 5
          per_device_train_batch_size: 1
          gradient_accumulation_steps: 16
          learning_rate: 4.0e-5
          weight_decay: 0.01
          warmup_ratio: 0.03
          lr_scheduler_type: cosine_with_min_lr
          lr_scheduler_kwargs: { min_lr_rate: 0.1 }
          max_grad_norm: 0.2
          optim: adamw_8bit
          bf16: true
          eval_steps: 40
          report_to: [wandb]
        """;

    [Fact]
    public void The_official_keys_are_read()
    {
        var settings = RecipeFile.Parse(Official, "r.yaml");
        Assert.Equal(
            (TrainingStage.Backbone, "Qwen/Qwen3-1.7B-Base", TrainingPrecision.Bf16, 2, 100), (
                settings.Stage!.Value, settings.Model, settings.Precision!.Value, settings.MaxIter!.Value, settings.SoftTopK!.Value));
        Assert.Equal(new LoraRecipe(32, 64, 0.1), settings.Lora);
        Assert.Equal(("labelled.parquet", "eval.jsonl", "out", 10000, true), (
            settings.Data, settings.EvaluationData, settings.Output, settings.MaxLength!.Value, settings.DropsLongRows!.Value));
        Assert.Equal((5.0, 1, 16, OptimizerKind.AdamW8Bit), (
            settings.Epochs!.Value, settings.RowsPerDevice!.Value, settings.AccumulationSteps!.Value, settings.Optimizer!.Value));
        Assert.Equal((4e-5, 0.01, 0.03, 0.1, 0.2, 40), (
            settings.LearningRate!.Value, settings.WeightDecay!.Value, settings.WarmupRatio!.Value, settings.MinLearningRateRate!.Value,
            settings.MaxGradientNorm!.Value, settings.EvaluationSteps!.Value));
        Assert.Null(settings.Decider);
        Assert.Equal(["model.device_map", "training.lr_scheduler_type", "training.report_to"], settings.IgnoredKeys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_recipe_does_not_say_stays_open()
    {
        var settings = RecipeFile.Parse("training: { seed: 7, max_steps: -1 }", "r.yaml");
        Assert.Equal(new RecipeSettings { Seed = 7 }, settings with { Lora = null, IgnoredKeys = [] });
    }

    [Theory]
    [InlineData("training: { learning_rat: 1 }", "r.yaml: line 1: training.learning_rat: is not a key of a recipe")]
    [InlineData("model:\n  max_iter: two", "r.yaml: line 2: model.max_iter: is \"two\", a whole number of at least 1 was expected")]
    [InlineData("model: { max_iter: 0 }", "r.yaml: line 1: model.max_iter: is \"0\", a whole number of at least 1 was expected")]
    [InlineData("training: { warmup_ratio: 2 }", "r.yaml: line 1: training.warmup_ratio: is \"2\", a number from 0 to 1 was expected")]
    [InlineData("training: { optim: lion }", "r.yaml: line 1: training.optim: is \"lion\", adamw_torch or adamw_torch_fused or adamw_8bit or adamw_bnb_8bit or sgd was expected")]
    [InlineData("training: { bf16: perhaps }", "r.yaml: line 1: training.bf16: is \"perhaps\", true or false was expected")]
    [InlineData("training: { seed: [1] }", "r.yaml: line 1: training.seed: is a section or a list; one value was expected")]
    [InlineData("model: { train_loss: Mine }", "r.yaml: line 1: model.train_loss: is \"Mine\", NextTokenPredLoss or IterDeciderLoss was expected")]
    [InlineData("model: { adapter: ia3 }", "r.yaml: line 1: model.adapter: is \"ia3\", lora or none was expected")]
    [InlineData("- 1", "r.yaml: holds no recipe; the sections model, data and training were expected")]
    [InlineData("", "r.yaml: holds no recipe; the sections model, data and training were expected")]
    public void What_is_wrong_is_one_sentence(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<BadFileException>(() => RecipeFile.Parse(text, "r.yaml")).Message);

    [Fact]
    public void No_yaml_and_no_file_are_one_sentence()
    {
        Assert.Matches(@"^r\.yaml: line \d+: is no YAML: ", Assert.Throws<BadFileException>(() => RecipeFile.Parse("a: [", "r.yaml")).Message);
        Assert.EndsWith("none.yaml: does not exist", Assert.Throws<BadFileException>(() => RecipeFile.Read("none.yaml")).Message, StringComparison.Ordinal);
    }
}
