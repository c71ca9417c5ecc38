namespace TaH.Engine;

/// <summary>What became of a row.</summary>
/// <param name="Sequence">Null where the row is left out.</param>
/// <param name="WasCut">Whether its end was cut off.</param>
/// <param name="IsTooLong">Whether it was left out for its length; if not, nothing in it carries loss.</param>
internal readonly record struct BuiltSequence(TrainingSequence? Sequence, bool WasCut = false, bool IsTooLong = false);

/// <summary>Turns rows into sequences to train on.</summary>
/// <param name="tokenizer">Makes token ids of them.</param>
/// <param name="options">Lengths and passes.</param>
internal sealed class SequenceBuilder(RowTokenizer tokenizer, TrainingDataOptions options)
{
    // A sequence keeps passes in seven bits.
    private const int MostPasses = 127;

    /// <summary>Builds the sequence of a row. The passes of its hard tokens depend on the row's number and the seed alone.</summary>
    /// <param name="row">The row.</param>
    /// <param name="number">Its number among all rows.</param>
    /// <exception cref="BadFileException">The row does not fit the model.</exception>
    public BuiltSequence Build(TrainingRow row, long number)
    {
        var (tokens, mask, mismatch) = tokenizer.Encode(row);
        var isLong = options.MaxLength is { } most && tokens.Length > most;
        if (isLong && options.LongRows == LongRowAction.Filter) return new BuiltSequence(null, IsTooLong: true);
        if (isLong) tokens = tokens[..options.MaxLength!.Value];
        if (tokens.Length < 2 || !mask.AsSpan(1, tokens.Length - 1).Contains(true)) return default;
        var passes = Passes(mask.AsSpan(0, tokens.Length), mismatch.AsSpan(0, mismatch is null ? 0 : tokens.Length), number);
        return new BuiltSequence(new TrainingSequence(tokens, mask, passes) { Kind = row.Kind }, WasCut: isLong);
    }

    /// <summary>Passes of each token: 1 for those that are easy or carry no loss.</summary>
    /// <remarks>Source: preprocess_for_sft_batch of github.com/thu-nics/TaH at 1b785ca, strategy mismatch.</remarks>
    private byte[] Passes(ReadOnlySpan<bool> mask, ReadOnlySpan<byte> mismatch, long number)
    {
        var passes = new byte[mask.Length];
        passes.AsSpan().Fill(1);
        var most = Math.Min(options.MaxIter, MostPasses);
        if (most < 2 || mismatch.IsEmpty) return passes;
        var holdsCounts = mismatch.ContainsAnyExceptInRange((byte)0, (byte)1);
        var random = new Xoshiro256(options.Seed, number);
        for (var i = 0; i < passes.Length; i++)
        {
            if (!mask[i] || mismatch[i] == 0) continue;
            passes[i] = (byte)(holdsCounts ? Math.Min(mismatch[i] + 1, most) : random.Between(2, most));
        }
        return passes;
    }
}
