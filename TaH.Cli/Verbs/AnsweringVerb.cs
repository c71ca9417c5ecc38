namespace TaH.Cli;

/// <summary>A verb that generates answers: how tokens are drawn, when an answer ends, what the session is sized for.</summary>
internal abstract class AnsweringVerb : SessionVerb
{
    [Option('n', "max-tokens", MetaValue = "N", HelpText = "Tokens of an answer at most (also --n-predict, --max-new-tokens). Without it: 512.")]
    [AlsoNamed("n-predict", "predict", "max-new-tokens")]
    public int? MaxTokens { get; init; }

    [Option("temperature", MetaValue = "T", HelpText = "0 takes the most probable token every time; more is more random (also --temp). "
        + "Without it: what the checkpoint's generation_config.json says; else 0, or 0.6 with --top-k, --top-p or --min-p.")]
    [AlsoNamed("temp")]
    public float? Temperature { get; init; }

    [Option("top-k", MetaValue = "K", HelpText = "Draw from the K most probable tokens; 0 for all.")]
    public int? TopK { get; init; }

    [Option("top-p", MetaValue = "P", HelpText = "Draw from the most probable tokens that make up P together; 1 for all.")]
    public float? TopP { get; init; }

    [Option("min-p", MetaValue = "P", HelpText = "Draw from tokens of at least P times the largest probability; 0 for all.")]
    public float? MinP { get; init; }

    [Option("repeat-penalty", MetaValue = "X", HelpText = "Divides the logits of tokens seen so far (also --repetition-penalty); 1 for none.")]
    [AlsoNamed("repetition-penalty")]
    public float? RepeatPenalty { get; init; }

    [Option("presence-penalty", MetaValue = "X", HelpText = "Subtracted from the logits of tokens generated so far; 0 for none.")]
    public float? PresencePenalty { get; init; }

    [Option("frequency-penalty", MetaValue = "X", HelpText = "Subtracted for each time that a token was generated; 0 for none.")]
    public float? FrequencyPenalty { get; init; }

    [Option('s', "seed", MetaValue = "N", HelpText = "Decides what is drawn; the same seed gives the same answer. Without it: 0.")]
    public long? Seed { get; init; }

    [Option("stop", MetaValue = "TEXT", HelpText = "Ends the answer before this text (also --reverse-prompt); may be given several times.")]
    [AlsoNamed("reverse-prompt")]
    public IEnumerable<string> Stop { get; init; } = [];

    [Option("ignore-eos", HelpText = "Go on past the model's end of text.")]
    public bool IgnoreEos { get; init; }

    [Option("overlap", HelpText = "Guess the token behind a hard one, and run it beside the hard one's second pass: the same answer, sooner where many "
        + "guesses hold.")]
    public bool Overlap { get; init; }

    [Option('c', "ctx-size", MetaValue = "N", HelpText = "Positions that prompt and answer may take together. Without it: as many as the model has.")]
    public int? CtxSize { get; init; }

    [Option("page-size", MetaValue = "N", HelpText = "Entries of a page of the KV grid. Without it: 16.")]
    public int? PageSize { get; init; }

    [Option("system", MetaValue = "TEXT", HelpText = "The system prompt.")]
    public string? SystemPrompt { get; init; }

    [Option("think", MetaValue = "on|off", HelpText = "Whether the model may think aloud before it answers (enable_thinking). Without it: on.")]
    public string? Think { get; init; }

    /// <summary>Whether the model may think aloud.</summary>
    protected bool ThinkingIsOn => Think is null || OnOff.Parse("--think", Think);

    /// <summary>A request with the verb's settings.</summary>
    public GenerationRequest RequestFor(LoadedModel loaded, IReadOnlyList<int> prompt) =>
        Settings(loaded.Model.DefaultSampling) with { Prompt = prompt, Policy = loaded.Policy, MaxIter = loaded.MaxIter };

    /// <inheritdoc/>
    protected override void Validate()
    {
        base.Validate();
        Settings(new SamplingSettings()).Validate();
    }

    /// <inheritdoc/>
    internal override SessionOptions WithSettings(SessionOptions options) =>
        base.WithSettings(options) with { ContextLimit = CtxSize, PageSize = PageSize ?? options.PageSize };

    /// <summary>Opens a session with the verb's settings.</summary>
    /// <param name="loaded">The model.</param>
    /// <param name="sequences">Answers that run at a time.</param>
    protected Session OpenSession(LoadedModel loaded, int sequences) =>
        loaded.Model.OpenSession(WithSettings(new SessionOptions { MaxSequences = sequences }));

    private GenerationRequest Settings(SamplingSettings defaults)
    {
        var request = new GenerationRequest
        {
            Prompt = [],
            Sampling = Sampling(defaults),
            StopStrings = [.. Stop],
            IgnoreEos = IgnoreEos,
            Overlap = Overlap,
            Seed = Seed ?? 0,
        };
        return MaxTokens is { } limit ? request with { MaxTokens = limit } : request;
    }

    private SamplingSettings Sampling(SamplingSettings defaults)
    {
        // Who narrows the choice wants one: without a temperature the checkpoint's greedy default would leave nothing to narrow.
        var narrows = TopK is not null || TopP is not null || MinP is not null;
        var temperature = Temperature ?? (defaults.Temperature == 0 && narrows ? new SamplingSettings().Temperature : defaults.Temperature);
        return defaults with
        {
            Temperature = temperature,
            TopK = TopK ?? defaults.TopK,
            TopP = TopP ?? defaults.TopP,
            MinP = MinP ?? defaults.MinP,
            RepetitionPenalty = RepeatPenalty ?? defaults.RepetitionPenalty,
            PresencePenalty = PresencePenalty ?? defaults.PresencePenalty,
            FrequencyPenalty = FrequencyPenalty ?? defaults.FrequencyPenalty,
        };
    }
}
