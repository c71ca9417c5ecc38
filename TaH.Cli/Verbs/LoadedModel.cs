namespace TaH.Cli;

/// <summary>A model ready to run, and how it is to run.</summary>
/// <param name="Model">The model.</param>
/// <param name="Path">The directory, as the user gave it.</param>
/// <param name="Policy">Who decides about further passes.</param>
/// <param name="MaxIter">Passes that a token may take.</param>
/// <param name="LoadTime">How long loading took.</param>
internal sealed record LoadedModel(TahModel Model, string Path, IterationPolicy Policy, int MaxIter, TimeSpan LoadTime) : IDisposable
{
    /// <summary>The weights' type, as the contract of <c>--json</c> names it.</summary>
    public string WeightType => Model.WeightType.ToString().ToLowerInvariant();

    /// <summary>The decider's threshold in force; null for a model without one.</summary>
    public float? Threshold => Policy is LearnedPolicy learned ? learned.Threshold : (Model.DefaultPolicy as LearnedPolicy)?.Threshold;

    /// <summary>Who decides, in a few words.</summary>
    public string PolicyInWords => Policy switch
    {
        LearnedPolicy learned => FormattableString.Invariant($"the decider says which (threshold {learned.Threshold})"),
        AlwaysPolicy => "always all of them",
        LabelPolicy => "the labels say how many",
        _ => "never a second one",
    };

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
