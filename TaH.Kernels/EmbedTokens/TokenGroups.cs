using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// Which rows of a batch hold which token, so that the gradient of an embedding row can be added up in a fixed order by whoever owns that row. Made
/// on the host. Rows of one token are cut into pieces, because a frequent token has thousands.
/// </summary>
public sealed class TokenGroups : IDisposable
{
    /// <summary>Rows of a piece; sums of a token's pieces are added up afterwards.</summary>
    internal const int PieceRows = 32;

    private readonly ComputeDevice _device;
    private readonly TokenPieces _pieces = new();
    private IntBuffer _buffer;

    /// <summary>Groups of no rows.</summary>
    /// <param name="device">Where they live.</param>
    public TokenGroups(ComputeDevice device) => (_device, _buffer) = (device, device.AllocateInts(1));

    /// <summary>Rows of the batch, those without a token among them.</summary>
    public int RowCount { get; private set; }

    /// <summary>Tokens that occur.</summary>
    public int Distinct => _pieces.Tokens.Count;

    /// <summary>The largest token; -1 if there is none.</summary>
    public int MaxToken => Distinct == 0 ? -1 : _pieces.Tokens[^1];

    /// <summary>Pieces in all.</summary>
    internal int PieceCount => _pieces.Targets.Count;

    /// <summary>Tokens of more than one piece.</summary>
    internal int SplitCount => _pieces.SplitTokens.Count;

    /// <summary>Pieces of tokens of more than one.</summary>
    internal int SplitPieceCount => _pieces.SplitStarts[^1];

    /// <summary>[rows with a token] rows, token after token, ascending.</summary>
    internal Ints Rows { get; private set; }

    /// <summary>[distinct] tokens, ascending.</summary>
    internal Ints Tokens { get; private set; }

    /// <summary>[distinct + 1] where in <see cref="Rows"/> each token begins.</summary>
    internal Ints Starts { get; private set; }

    /// <summary>[pieces + 1] where in <see cref="Rows"/> each piece begins.</summary>
    internal Ints PieceStarts { get; private set; }

    /// <summary>[pieces] the token, if the piece is all of it; else -1 - the piece's number among those of split tokens.</summary>
    internal Ints PieceTargets { get; private set; }

    /// <summary>[split] tokens of more than one piece.</summary>
    internal Ints SplitTokens { get; private set; }

    /// <summary>[split + 1] where among the pieces of split tokens each of them begins.</summary>
    internal Ints SplitStarts { get; private set; }

    /// <summary>Groups the rows of a batch; waits until the device has them.</summary>
    /// <param name="tokens">[rows]; -1 for a row that has none.</param>
    public void Upload(ReadOnlySpan<int> tokens)
    {
        _pieces.Group(tokens);
        RowCount = tokens.Length;
        List<int>[] columns =
        [
            _pieces.Rows, _pieces.Tokens, _pieces.Starts, _pieces.PieceStarts, _pieces.Targets, _pieces.SplitTokens, _pieces.SplitStarts,
        ];
        int[] values = [.. columns.SelectMany(column => column)];
        if (_buffer.Length < values.Length)
        {
            _device.ReplaceMemory();
            _buffer.Dispose();
            _buffer = _device.AllocateInts(values.Length + (values.Length / 4));
        }
        _buffer.View.BaseView.SubView(0, values.Length).CopyFromCPU(_device.Accelerator.DefaultStream, values);
        _device.Synchronize();
        var next = 0;
        Ints Take(List<int> column)
        {
            var view = _buffer.View.BaseView.SubView(next, column.Count);
            next += column.Count;
            return view;
        }
        (Rows, Tokens, Starts, PieceStarts) = (Take(columns[0]), Take(columns[1]), Take(columns[2]), Take(columns[3]));
        (PieceTargets, SplitTokens, SplitStarts) = (Take(columns[4]), Take(columns[5]), Take(columns[6]));
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
