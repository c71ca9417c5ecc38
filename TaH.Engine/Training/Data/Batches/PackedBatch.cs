namespace TaH.Engine;

/// <summary>Sequences of a micro-batch, one behind the other without padding.</summary>
/// <param name="Tokens">[T] token ids.</param>
/// <param name="Labels">[T] the token that each position must predict, or -1.</param>
/// <param name="IterationCounts">[T] passes that each token takes.</param>
/// <param name="Positions">[T] places within their sequences, from 0.</param>
/// <param name="SequenceStarts">[sequences] where each begins; the first at 0.</param>
internal sealed record PackedBatch(int[] Tokens, int[] Labels, int[] IterationCounts, int[] Positions, int[] SequenceStarts)
{
    /// <summary>One past the last token of a sequence.</summary>
    public int EndOf(int sequence) => sequence + 1 < SequenceStarts.Length ? SequenceStarts[sequence + 1] : Tokens.Length;

    /// <summary>Packs sequences.</summary>
    public static PackedBatch Of(IReadOnlyList<TrainingSequence> sequences)
    {
        var length = sequences.Sum(sequence => sequence.Length);
        var batch = new PackedBatch(new int[length], new int[length], new int[length], new int[length], new int[sequences.Count]);
        var at = 0;
        for (var number = 0; number < sequences.Count; number++)
        {
            var sequence = sequences[number];
            batch.SequenceStarts[number] = at;
            for (var position = 0; position < sequence.Length; position++, at++)
            {
                batch.Tokens[at] = sequence.Tokens[position];
                batch.Labels[at] = sequence.Label(position);
                batch.IterationCounts[at] = sequence.IterationCount(position);
                batch.Positions[at] = position;
            }
        }
        return batch;
    }

    /// <summary>Packs token ids that nobody has labelled.</summary>
    public static PackedBatch Of(IReadOnlyList<int[]> rows) => Of([.. rows.Select(Unlabelled)]);

    private static TrainingSequence Unlabelled(int[] tokens)
    {
        var passes = new byte[tokens.Length];
        passes.AsSpan().Fill(1);
        return new TrainingSequence(tokens, new bool[tokens.Length], passes);
    }
}
