namespace TaH.Engine;

/// <summary>A LayerNorm of the decider.</summary>
/// <param name="Weight">[width].</param>
/// <param name="Bias">[width].</param>
internal sealed record TrainedNorm(TrainedVector Weight, TrainedVector Bias);

/// <summary>One residual block; see <see cref="DeciderBlock"/>.</summary>
internal sealed record TrainedBlock(TrainedLinear? DimChange, TrainedNorm Norm, TrainedLinear Expand, TrainedLinear Contract);

/// <summary>The decider's parameters in the form that training takes; see <see cref="DeciderModel"/>.</summary>
internal sealed class TrainedDecider
{
    private readonly TrainingModel _model;
    private readonly DeciderConfig _config;

    public TrainedDecider(TrainingModel model, DeciderConfig config)
    {
        (_model, _config) = (model, config);
        HiddenNorm = config.NormalizeInput ? Norm(DeciderTensors.HiddenNorm) : null;
        LogitsProjection = Linear("logits_projection");
        Combined = Linear("combined_projection");
        Input = Linear("backbone.input_projection");
        Blocks = [.. Enumerable.Range(0, config.HiddenDims.Length).Select(Block)];
        OutputNorm = Norm("backbone.output_layer.0");
        Output = Linear("backbone.output_layer.1");
    }

    public DeciderConfig Config => _config;

    /// <summary>On the hidden part; null unless inputs are normalised.</summary>
    public TrainedNorm? HiddenNorm { get; }

    /// <summary>From the top-k logits.</summary>
    public TrainedLinear LogitsProjection { get; }

    /// <summary>From [hidden states ; projected logits].</summary>
    public TrainedLinear Combined { get; }

    /// <summary>Into the first block.</summary>
    public TrainedLinear Input { get; }

    /// <summary>The residual blocks.</summary>
    public IReadOnlyList<TrainedBlock> Blocks { get; }

    /// <summary>Before the last layer.</summary>
    public TrainedNorm OutputNorm { get; }

    /// <summary>[1, width].</summary>
    public TrainedLinear Output { get; }

    /// <summary>Elements of the hidden part of the input.</summary>
    public int HiddenWidth => _config.HiddenLayers.Length * _config.HiddenSize;

    /// <summary>Elements of the whole input of <see cref="Combined"/>.</summary>
    public int CombinedWidth => HiddenWidth + _config.HiddenSize;

    private TrainedBlock Block(int index)
    {
        var prefix = $"backbone.blocks.{index}";
        return new TrainedBlock(
            _model.Decider.Contains($"{prefix}.dim_change.weight") ? Linear($"{prefix}.dim_change") : null, Norm($"{prefix}.layer_norm"),
            Linear($"{prefix}.mlp.0"), Linear($"{prefix}.mlp.3"));
    }

    private TrainedLinear Linear(string name) =>
        new(_model.DeciderMatrix($"{name}.weight"), _model.Vector(_model.Decider, $"{name}.bias"));

    private TrainedNorm Norm(string name) =>
        new(_model.Vector(_model.Decider, $"{name}.weight"), _model.Vector(_model.Decider, $"{name}.bias"));
}
