using TaH.Kernels;

namespace TaH.Cli;

/// <summary>A verb that runs a session of a model, as an application would.</summary>
internal abstract class SessionVerb : ModelVerb
{
    [Option("precision", MetaValue = "HOW", HelpText = "How exactly products of many rows are made: f32, or auto (without it): with inputs "
        + "rounded to 16 bits where the device has tensor cores, else f32. f32 slows prefill down on a GPU.")]
    public string? Precision { get; init; }

    /// <inheritdoc/>
    internal override SessionOptions WithSettings(SessionOptions options) => base.WithSettings(options) with { Precision = SelectedPrecision() };

    private ProductPrecision SelectedPrecision() =>
        Choice.Of("--precision", Precision ?? "auto", ("auto", ProductPrecision.Auto), ("f32", ProductPrecision.F32));
}
