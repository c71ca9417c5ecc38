namespace TaH.Engine;

/// <summary>The model that made the labels: a token is hard where it missed the next one, so labels say how well it did.</summary>
internal sealed class ReferenceTally
{
    private readonly KindTally _kinds = new();
    private long _hard, _wholeRows;

    /// <summary>Rows so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Tokens so far that are asked about.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds a batch.</summary>
    public void Add(PackedBatch batch, bool[] isAsked, ReadOnlySpan<string?> kinds)
    {
        for (var row = 0; row < batch.SequenceStarts.Length; row++)
        {
            var (hard, before) = (0, Tokens);
            for (var token = batch.SequenceStarts[row]; token < batch.EndOf(row); token++)
            {
                if (!isAsked[token]) continue;
                Tokens++;
                if (batch.IterationCounts[token] > 1) hard++;
            }
            Rows++;
            _kinds.Add(kinds[row], Tokens - before, Tokens - before - hard);
            _hard += hard;
            if (hard == 0) _wholeRows++;
        }
    }

    /// <summary>What it came to.</summary>
    public PolicyAccuracy Result() => new(
        "reference", null, 1 - ((double)_hard / Tokens), 0, (double)_wholeRows / Rows, 1, 0, null, 0, 0, null, null, _kinds.Result());
}
