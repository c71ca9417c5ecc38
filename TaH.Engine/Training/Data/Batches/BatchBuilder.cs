namespace TaH.Engine;

/// <summary>How many rows make a step, and how they are parted.</summary>
/// <param name="RowsPerStep">Rows of a step over all ranks; the last step of an epoch has what is left.</param>
/// <param name="TokensPerStep">If given, a step takes rows in order as long as they have no more tokens than this; at most RowsPerStep.</param>
/// <param name="MaxTokens">The most tokens of a micro-batch.</param>
/// <param name="Rank">Which of the processes this is.</param>
/// <param name="WorldSize">How many processes share the rows of a step.</param>
internal sealed record BatchPlan(int RowsPerStep, int MaxTokens, int? TokensPerStep = null, int Rank = 0, int WorldSize = 1);

/// <summary>Parts the rows of each step into micro-batches.</summary>
internal sealed class BatchBuilder
{
    private readonly IReadOnlyList<TrainingSequence> _sequences;
    private readonly BatchPlan _plan;

    /// <summary>Checks the plan against the data.</summary>
    /// <exception cref="UsageException">A sequence does not fit into a micro-batch, or the numbers contradict each other.</exception>
    public BatchBuilder(IReadOnlyList<TrainingSequence> sequences, BatchPlan plan)
    {
        (_sequences, _plan) = (sequences, plan);
        if (plan.RowsPerStep < 1) throw new UsageException($"a step takes 1 row or more, not {plan.RowsPerStep:N0}");
        if (plan.TokensPerStep < 1) throw new UsageException($"a step takes 1 token or more, not {plan.TokensPerStep:N0}");
        if (plan.WorldSize < 1 || plan.Rank < 0 || plan.Rank >= plan.WorldSize)
            throw new UsageException($"rank {plan.Rank} is none of {plan.WorldSize} processes");
        var longest = sequences.Count == 0 ? 0 : sequences.Max(sequence => sequence.Length);
        if (longest > plan.MaxTokens)
            throw new UsageException(FormattableString.Invariant(
                $"a row has {longest:N0} tokens and a micro-batch at most {plan.MaxTokens:N0}; allow more, or cut rows to fewer"));
    }

    /// <summary>The micro-batches of the next step that are this rank's; none where the last step of an epoch has fewer rows than ranks.</summary>
    public IReadOnlyList<PackedBatch> Next(TrainingOrder order) => Pack(Mine(TakeRows(order)));

    /// <summary>Steps that an epoch has.</summary>
    /// <param name="order">The order; its position stays as it is.</param>
    /// <param name="epoch">Which epoch; where steps are counted in tokens, epochs differ.</param>
    public int StepsOf(TrainingOrder order, int epoch)
    {
        if (_plan.TokensPerStep is null) return (order.Count + _plan.RowsPerStep - 1) / _plan.RowsPerStep;
        var (saved, steps) = (order.Position, 0);
        for (order.Position = new OrderPosition(epoch, 0); order.Position.Epoch == epoch; steps++) TakeRows(order);
        order.Position = saved;
        return steps;
    }

    /// <summary>Every row once, in the order of the file: for evaluation. Ranks take turns row by row.</summary>
    public IEnumerable<PackedBatch> InFileOrder() => Pack(Mine([.. Enumerable.Range(0, _sequences.Count)]));

    private int[] TakeRows(TrainingOrder order)
    {
        if (_plan.TokensPerStep is not { } budget) return order.Take(_plan.RowsPerStep);
        var tokens = (long)_sequences[order.RowsOf(order.Position.Epoch)[order.Position.Index]].Length;
        return order.TakeWhile((row, taken) => taken < _plan.RowsPerStep && (tokens += _sequences[row].Length) <= budget);
    }

    private List<int> Mine(int[] rows)
    {
        var mine = new List<int>();
        for (var i = _plan.Rank; i < rows.Length; i += _plan.WorldSize) mine.Add(rows[i]);
        return mine;
    }

    private List<PackedBatch> Pack(List<int> rows)
    {
        var batches = new List<PackedBatch>();
        var (pending, tokens) = (new List<TrainingSequence>(), 0);
        foreach (var sequence in rows.Select(row => _sequences[row]))
        {
            if (pending.Count > 0 && tokens + sequence.Length > _plan.MaxTokens)
            {
                batches.Add(PackedBatch.Of(pending));
                (pending, tokens) = ([], 0);
            }
            pending.Add(sequence);
            tokens += sequence.Length;
        }
        if (pending.Count > 0) batches.Add(PackedBatch.Of(pending));
        return batches;
    }
}
