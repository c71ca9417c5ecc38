namespace TaH.Engine;

/// <summary>A data set in memory, as sequences of a model's token ids.</summary>
/// <param name="Sequences">In the order of the files.</param>
/// <param name="Summary">What the rows came to.</param>
internal sealed record TrainingData(IReadOnlyList<TrainingSequence> Sequences, DataSummary Summary)
{
    /// <summary>Reads files, and makes sequences of their rows on all processors; the result does not depend on how many there are.</summary>
    /// <param name="files">JSON lines or Parquet.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="options">Lengths and passes.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="BadFileException">A file or a row cannot be used, or nothing is left to train on.</exception>
    public static TrainingData Load(
        IReadOnlyList<string> files, RowTokenizer tokenizer, TrainingDataOptions options, CancellationToken cancellation = default)
    {
        var builder = new SequenceBuilder(tokenizer, options);
        var (sequences, summary) = (new List<TrainingSequence>(), new DataSummary());
        var rows = files.SelectMany(DataFile.Rows).Select((row, number) => (Row: row, Number: number));
        foreach (var built in OrderedWork.Run(rows, item => builder.Build(item.Row, item.Number), cancellation))
        {
            summary = summary.With(built);
            if (built.Sequence is { } sequence) sequences.Add(sequence);
            if (sequences.Count == options.MaxSequences) break;
        }
        if (sequences.Count > 0) return new TrainingData(sequences, summary);
        throw new BadFileException(string.Join(", ", files), null, summary.Rows == 0 ? "has no rows" : $"has nothing to train on: {summary}");
    }
}
