namespace TaH.Engine;

/// <summary>A sequence in flight: its part of the grid, the tokens that still have to run, and who decides about its passes.</summary>
internal sealed class SequenceRun(GridSequence grid, IterationPolicy policy, int maxIter)
{
    private readonly Queue<int> _pending = new();

    public GridSequence Grid => grid;

    public IterationPolicy Policy => policy;

    /// <summary>Passes that a token may take at most.</summary>
    public int MaxIter => maxIter;

    /// <summary>Whether the logits of every position are wanted, not only the last one's.</summary>
    public bool WantsAllLogits { get; init; }

    /// <summary>How the next token is drawn from a slot; null where none is ever drawn.</summary>
    public Func<int, SampleRequest>? Draw { get; init; }

    /// <summary>Tokens that have not run yet.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Adds tokens behind those that have run or wait.</summary>
    public void Feed(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens) _pending.Enqueue(token);
    }

    /// <summary>The next token to run.</summary>
    public int TakeToken() => _pending.Dequeue();

    /// <summary>Whether a position could take the pass after this depth.</summary>
    public bool MayGoOn(int position, int depth) => depth + 1 < maxIter && policy.MayGoOn(position, depth);
}
