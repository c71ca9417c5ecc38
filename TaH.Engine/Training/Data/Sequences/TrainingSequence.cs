namespace TaH.Engine;

/// <summary>Tokens of one row with what training has to know of each; five bytes a token, since whole data sets of them are in memory.</summary>
internal sealed class TrainingSequence
{
    /// <summary>The label of a position whose next token carries no loss.</summary>
    public const int NoLabel = -1;

    private const byte SupervisedBit = 0x80;

    private readonly int[] _tokens;
    private readonly byte[] _marks; // [T] passes, and whether the next token carries loss

    /// <summary>Marks tokens.</summary>
    /// <param name="tokens">[T].</param>
    /// <param name="mask">[T] whether a token carries loss.</param>
    /// <param name="passes">[T] passes of each token, 1 to 127.</param>
    public TrainingSequence(int[] tokens, ReadOnlySpan<bool> mask, ReadOnlySpan<byte> passes)
    {
        _tokens = tokens;
        _marks = new byte[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            var isSupervised = i + 1 < tokens.Length && mask[i + 1];
            _marks[i] = (byte)(passes[i] | (isSupervised ? SupervisedBit : 0));
            if (isSupervised) SupervisedCount++;
            if (passes[i] > 1) HardCount++;
        }
    }

    /// <summary>The row's <see cref="TrainingRow.Kind"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Tokens.</summary>
    public int Length => _tokens.Length;

    /// <summary>Positions that have a label.</summary>
    public int SupervisedCount { get; }

    /// <summary>Tokens that take more than one pass.</summary>
    public int HardCount { get; }

    /// <summary>[T] the token ids.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>The token that a position must predict: the next one, or <see cref="NoLabel"/>.</summary>
    public int Label(int position) => (_marks[position] & SupervisedBit) != 0 ? _tokens[position + 1] : NoLabel;

    /// <summary>Passes that the token at a position takes.</summary>
    public int IterationCount(int position) => _marks[position] & ~SupervisedBit;
}
