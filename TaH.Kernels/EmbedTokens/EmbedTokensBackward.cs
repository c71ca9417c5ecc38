using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradient of <see cref="EmbedTokens"/>, the same bits every time: whoever has a token adds up its rows in order.</summary>
public sealed class EmbedTokensBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly EmbedTokensVariant _variant;
    private readonly Scratch _sums;
    private readonly Action<KernelConfig, Floats, Ints, Ints, Ints, Floats, Floats, RowSpread>? _pieces;
    private readonly Action<KernelConfig, Floats, Ints, Ints, Floats, RowSpread>? _splits;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public EmbedTokensBackward(ComputeDevice device, EmbedTokensVariant variant)
    {
        (_device, _variant, _sums) = (device, variant, new Scratch(device));
        if (variant == EmbedTokensVariant.Simd)
        {
            device.RequireCpu(nameof(EmbedTokensVariant.Simd));
            return;
        }
        _pieces = device.Load<Floats, Ints, Ints, Ints, Floats, Floats, RowSpread>(EmbedTokensBackwardPortable.AddPieces);
        _splits = device.Load<Floats, Ints, Ints, Floats, RowSpread>(EmbedTokensBackwardPortable.AddSplits);
    }

    /// <summary>dEmbedding[t] += the sum over rows r that hold token t of dy[r].</summary>
    /// <param name="dy">[rows, hidden].</param>
    /// <param name="groups">The tokens of these rows; rows without one add nothing.</param>
    /// <param name="dEmbedding">[vocab, hidden]; rows of tokens that do not occur are not touched.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or the groups are of another batch.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token is not below vocab.</exception>
    public void Run(Floats dy, TokenGroups groups, Floats dEmbedding, EmbedTokensShape shape)
    {
        ShapeException.ThrowIfShorter(dy, (long)shape.Rows * shape.Hidden, nameof(dy));
        ShapeException.ThrowIfDifferent(groups.RowCount, shape.Rows, nameof(groups));
        ShapeException.ThrowIfShorter(dEmbedding, (long)shape.Vocab * shape.Hidden, nameof(dEmbedding));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(groups.MaxToken, shape.Vocab);
        if (groups.Distinct == 0) return;
        using var _ = _device.Profile(nameof(EmbedTokensBackward), _variant, shape.BackwardWork(groups.Distinct));
        if (_pieces is null)
        {
            EmbedTokensBackwardSimd.Run(_device.Workers!, dy, groups, dEmbedding, shape);
            return;
        }
        var sums = _sums.Reserve(Math.Max(1, (long)groups.SplitPieceCount * shape.Hidden));
        var spread = RowSpread.Whole(_device, groups.PieceCount, shape.Hidden);
        _pieces(spread.Config(_device), dy, groups.Rows, groups.PieceStarts, groups.PieceTargets, sums, dEmbedding, spread);
        if (groups.SplitCount == 0) return;
        spread = spread with { Rows = groups.SplitCount };
        _splits!(spread.Config(_device), sums, groups.SplitTokens, groups.SplitStarts, dEmbedding, spread);
    }

    /// <inheritdoc/>
    public void Dispose() => _sums.Dispose();
}
