namespace TaH.Engine;

/// <summary>What the decider's blocks keep between forward and backward.</summary>
/// <param name="Normed">[rows, width in].</param>
/// <param name="Expanded">[rows, inner] before the activation.</param>
/// <param name="Activated">[rows, inner] behind it and its dropout.</param>
internal sealed record DeciderBlockRoom(Floats Normed, Floats Expanded, Floats Activated);

/// <summary>Device memory for <see cref="DeciderPass"/>.</summary>
internal sealed class DeciderRoom : IDisposable
{
    private readonly List<FloatBuffer> _owned = [];
    private readonly Floats[] _inputs;
    private readonly Floats[] _gradients;

    public DeciderRoom(ComputeDevice device, TrainedDecider decider, int rows)
    {
        Floats Room(long width)
        {
            _owned.Add(device.AllocateFloats(rows * width));
            return _owned[^1].View.BaseView;
        }
        var (config, widest) = (decider.Config, decider.Config.HiddenDims.Max());
        var inner = widest * config.ExpansionFactor;
        (Projected, ProjectedGradient) = (Room(config.HiddenSize), Room(config.HiddenSize));
        (Combined, CombinedGradient) = (Room(widest), Room(decider.CombinedWidth));
        (HiddenPart, HiddenNormed) = config.NormalizeInput ? (Room(decider.HiddenWidth), Room(decider.HiddenWidth)) : (default, default);
        _inputs = [.. Enumerable.Range(0, config.HiddenDims.Length + 1).Select(_ => Room(widest))];
        Blocks = [.. config.HiddenDims.Select(_ => new DeciderBlockRoom(Room(widest), Room(inner), Room(inner)))];
        (Contracted, OutputNormed, Decisions) = (Room(widest), Room(widest), Room(1));
        (InnerGradient, NormedGradient) = (Room(inner), Room(widest));
        _gradients = [Room(widest), Room(widest)];
    }

    public Floats Projected { get; }

    public Floats ProjectedGradient { get; }

    public Floats Combined { get; }

    public Floats CombinedGradient { get; }

    public Floats HiddenPart { get; }

    public Floats HiddenNormed { get; }

    public IReadOnlyList<DeciderBlockRoom> Blocks { get; }

    public Floats Contracted { get; }

    public Floats OutputNormed { get; }

    public Floats Decisions { get; }

    public Floats InnerGradient { get; }

    public Floats NormedGradient { get; }

    /// <summary>[rows, width]: the input of a block; behind the last one the input of the output norm.</summary>
    public Floats BlockInput(int index) => _inputs[index];

    /// <summary>[rows, width]: one of two that gradients go back and forth between.</summary>
    public Floats Gradient(int index) => _gradients[index];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _owned) buffer.Dispose();
    }
}
