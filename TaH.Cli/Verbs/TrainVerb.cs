using CommandLine.Text;

namespace TaH.Cli;

[Verb("train", HelpText = "Train a model: the plain one, backbone and LoRA (stage 1), or the decider (stage 2).")]
internal sealed class TrainVerb : Verb
{
    [Option("stage", MetaValue = "STAGE", HelpText = "base, 1 or 2; joint is an ablation, both stages in every step. Without it: what --recipe says.")]
    public string? Stage { get; init; }

    [Option('m', "model", MetaValue = "DIR", HelpText = "Checkpoint to start from: a plain Qwen3 for base, 1 and joint, the result of stage 1 for 2.")]
    public string? Model { get; init; }

    [Option("data", MetaValue = "FILE", HelpText = "Rows to train on, JSONL or Parquet: labelled ones (tah label makes them), conversations "
        + "(messages), prompt and response, or text.")]
    public string? Data { get; init; }

    [Option("eval-data", MetaValue = "FILE", HelpText = "Rows to evaluate on.")]
    public string? EvaluationData { get; init; }

    [Option("out", MetaValue = "DIR", HelpText = "Where the trained checkpoint goes, with metrics.jsonl and the state of the run. A run that was "
        + "killed goes on from there when the same command is given again.")]
    public string? Output { get; init; }

    [Option("restart", HelpText = "Begin anew where --out holds the state of an earlier run.")]
    public bool Restart { get; init; }

    [Option("recipe", MetaValue = "FILE", HelpText = "YAML with the official trainer's keys; options override it.")]
    public string? Recipe { get; init; }

    [Option("from-scratch", HelpText = "Draw the weights of --stage base instead of reading them; --model gives sizes and tokenizer.")]
    public bool FromScratch { get; init; }

    [Option("steps", MetaValue = "N", HelpText = "Steps of the run. Without it: as many as --epochs have.")]
    public int? Steps { get; init; }

    [Option("epochs", MetaValue = "X", HelpText = "Times that the data is gone through.")]
    public double? Epochs { get; init; }

    [Option("batch", MetaValue = "N", HelpText = "Rows of a step, over all GPUs.")]
    public int? Batch { get; init; }

    [Option("micro-batch-tokens", MetaValue = "N", HelpText = "Tokens that are on the device at a time, at the most. Without it: 16,384.")]
    public int? MicroBatchTokens { get; init; }

    [Option("max-length", MetaValue = "N", HelpText = "Tokens of a row; longer ones are cut.")]
    public int? MaxLength { get; init; }

    [Option("drop-long", HelpText = "Leave longer rows out instead.")]
    public bool DropLong { get; init; }

    [Option("optimizer", MetaValue = "NAME", HelpText = "adamw (without it), adamw8bit (moments of a byte: 2 bytes a parameter instead of 8) or sgd.")]
    public string? Optimizer { get; init; }

    [Option("learning-rate", MetaValue = "X", HelpText = "The largest learning rate.")]
    public double? LearningRate { get; init; }

    [Option("warmup-ratio", MetaValue = "X", HelpText = "The part of the run that warms up, 0 to 1.")]
    public double? WarmupRatio { get; init; }

    [Option("min-learning-rate-rate", MetaValue = "X", HelpText = "The last learning rate as a part of the largest, 0 to 1.")]
    public double? MinLearningRateRate { get; init; }

    [Option("weight-decay", MetaValue = "X", HelpText = "Decoupled decay of matrices.")]
    public double? WeightDecay { get; init; }

    [Option("max-grad-norm", MetaValue = "X", HelpText = "Longer gradients are scaled down to it; 0 for never.")]
    public double? MaxGradientNorm { get; init; }

    [Option("dropout", MetaValue = "P", HelpText = "Of what LoRA reads in stage 1, of the decider's blocks in stage 2, of both in joint; 0 to below 1.")]
    public double? Dropout { get; init; }

    [Option("lora-rank", MetaValue = "N", HelpText = "Rank of the updates that stage 1 adds.")]
    public int? LoraRank { get; init; }

    [Option("lora-alpha", MetaValue = "X", HelpText = "Their scale times their rank.")]
    public double? LoraAlpha { get; init; }

    [Option("max-iter", MetaValue = "N", HelpText = "Passes that a token may take. Without it: those of --model in stage 2, else 2.")]
    public int? MaxIter { get; init; }

    [Option("pos-weight", MetaValue = "X", HelpText = "Stage 2 and joint: weight of tokens that should go on.")]
    public double? PositiveWeight { get; init; }

    [Option("threshold", MetaValue = "X", HelpText = "Stage 2 and joint: the probability above which a token goes on, 0 to 1; saved with the decider.")]
    public double? Threshold { get; init; }

    [Option("dtype", MetaValue = "TYPE", HelpText = "What products multiply: f32 or bf16. Without it: bf16 where there are tensor cores.")]
    public string? Type { get; init; }

    [Option("save-dtype", MetaValue = "TYPE", HelpText = "Type of saved weights: f32 or bf16. Without it: that of --model.")]
    public string? SaveType { get; init; }

    [Option("max-shard-size", MetaValue = "BYTES", HelpText = "Bytes of a file of weights at the most; a larger model is saved in shards. "
        + "Without it: 5,000,000,000.")]
    public long? MaxShardSize { get; init; }

    [Option("recompute", HelpText = "Keep less between forward and backward pass, and run layers twice.")]
    public bool Recompute { get; init; }

    [Option("seed", MetaValue = "N", HelpText = "Of everything drawn. Without it: 42.")]
    public int? Seed { get; init; }

    [Option("shuffle", MetaValue = "BOOL", HelpText = "Whether rows come in a drawn order: true (without it) or false.")]
    public string? Shuffle { get; init; }

    [Option("eval-steps", MetaValue = "N", HelpText = "Steps between evaluations; 0 for one at the end.")]
    public int? EvaluationSteps { get; init; }

    [Option("save-steps", MetaValue = "N", HelpText = "Steps between states that a killed run goes on from; 0 for one at the end.")]
    public int? SaveSteps { get; init; }

    [Option("patience", MetaValue = "N", HelpText = "Evaluations without a better loss after which the run stops; 0 (without it) for never.")]
    public int? Patience { get; init; }

    [Option("attention", MetaValue = "WHICH", HelpText = "Ablation: which depths a row sees: duo (without it), own (its own), first (depth 0).")]
    public string? Attention { get; init; }

    [Option("no-lora", HelpText = "Ablation: no updates in deeper passes.")]
    public bool NoLora { get; init; }

    [Option("no-residual", HelpText = "Ablation: the deepest pass's logits stand alone.")]
    public bool NoResidual { get; init; }

    [Option("always-iterate", HelpText = "Ablation: every supervised token takes all passes.")]
    public bool AlwaysIterate { get; init; }

    [Option("dynamic-oracle", HelpText = "Ablation: the model in training says which tokens are hard, those that its first pass misses.")]
    public bool DynamicOracle { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them.")]
    public string? Device { get; init; }

    [Option("distributed", HelpText = "Train as one of several processes, one a GPU. Not needed where torchrun, or anything else, sets RANK and "
        + "WORLD_SIZE; needed under srun.")]
    public bool Distributed { get; init; }

    [Option("json", HelpText = "Write the lines of metrics.jsonl to standard output, and nothing else.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Train backbone and LoRA on labelled rows",
            new TrainVerb { Stage = "1", Model = "base", Data = "labelled.jsonl", Output = "stage1" }),
        new("Train the decider of the result", new TrainVerb { Stage = "2", Model = "stage1", Data = "labelled.jsonl", Output = "model" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var place = RankPlace.FromEnvironment(Distributed, Environment.GetEnvironmentVariable);
        var isLeader = place is null or { Rank: 0 };
        var settings = Recipe is null ? new RecipeSettings() : RecipeFile.Read(Recipe);
        if (settings.IgnoredKeys.Length > 0 && isLeader) terminal.Remark($"note: these keys of {Recipe} mean nothing here: {string.Join(", ", settings.IgnoredKeys)}");
        var recipe = TrainingOptions.Of(this, settings, place?.WorldSize ?? 1);
        using var work = terminal.Interrupts.Begin();
        using var run = TrainingRun.Open(recipe, DeviceOption.Parse(Device), Restart, place);
        foreach (var note in run.Notes) terminal.Remark("note: " + VisibleText.Of(note));
        var display = isLeader ? TrainingDisplay.Of(terminal, Json) : new PlainDisplay(terminal);
        display.Show(() => run.RunToEnd(display, work.Token), work.Token);
        if (!run.WasInterrupted) return ExitCode.Success;
        if (isLeader) terminal.Remark(RunWords.HowToGoOn(display.Meter));
        return ExitCode.Interrupted;
    }
}
