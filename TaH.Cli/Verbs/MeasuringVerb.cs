namespace TaH.Cli;

/// <summary>A verb that measures a model, which may be made of random weights.</summary>
internal abstract class MeasuringVerb : SessionVerb
{
    [Option("synthetic", MetaValue = "SHAPE", HelpText = "Random weights instead of a checkpoint: qwen3-0.6b, qwen3-1.7b or qwen3-4b.")]
    public string? Synthetic { get; init; }

    /// <inheritdoc/>
    protected override (string Path, Func<ModelOptions, TahModel> Open) Source(Terminal terminal) =>
        Synthetic is { } name ? (name, options => SyntheticModel.Create(name, options)) : base.Source(terminal);

    /// <summary>Refuses options that name two models.</summary>
    /// <exception cref="UsageException">Both are given.</exception>
    protected void RefuseTwoModels()
    {
        if (Synthetic is not null && Model is not null) throw new UsageException("--model and --synthetic are two models; give one");
    }

    /// <summary>Refuses a forced rate of second passes beside somebody who decides about them.</summary>
    /// <exception cref="UsageException">Both are given.</exception>
    protected void RefuseTwoDeciders(bool isRateGiven)
    {
        if (!isRateGiven || (Policy is null && Threshold is null)) return;
        var other = Policy is null ? "threshold" : "policy";
        throw new UsageException($"--continue-rate forces second passes, and --{other} lets something else decide; give one");
    }
}
