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

    /// <summary>
    /// Whether the token behind a hard one is guessed from its first pass, so that the guess's own first pass runs beside the hard one's next. What
    /// comes out is the same, and where the guess holds, a pass over the weights is saved.
    /// </summary>
    public bool Overlaps { get; init; }

    /// <summary>The token behind a hard one, guessed but not run; null for none.</summary>
    public int? Guess { get; set; }

    /// <summary>A guess that has run its first pass, while it is not known whether it holds; null for none.</summary>
    public RanAhead? Ahead { get; set; }

    /// <summary>Guesses that ran.</summary>
    public int Guesses { get; set; }

    /// <summary>Guesses that held.</summary>
    public int GuessesHeld { get; set; }

    /// <summary>How the next token is drawn from a slot; null where none is ever drawn.</summary>
    public Func<int, SampleRequest>? Draw { get; init; }

    /// <summary>A number that its caller finds it again by; nothing here reads it.</summary>
    public int Tag { get; set; }

    /// <summary>Tokens that have not run yet.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Adds tokens behind those that have run or wait.</summary>
    public void Feed(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens) _pending.Enqueue(token);
    }

    /// <summary>The next token to run, without taking it.</summary>
    public int NextToken => _pending.Peek();

    /// <summary>The next token to run.</summary>
    public int TakeToken() => _pending.Dequeue();

    /// <summary>Whether a position could take the pass after this depth.</summary>
    public bool MayGoOn(int position, int depth) => depth + 1 < maxIter && policy.MayGoOn(position, depth);
}
