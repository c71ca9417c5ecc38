namespace TaH.Engine;

/// <summary>Tokens that are guessed behind hard ones; see <see cref="SequenceRun.Overlaps"/>.</summary>
internal sealed partial class IterationLoop
{
    /// <summary>Forgets what a sequence has guessed, for a request that ends before it is known whether the guess holds.</summary>
    public void DropGuess(SequenceRun run)
    {
        run.Guess = null;
        if (run.Ahead is not { } ahead) return;
        run.Grid.TruncateFrom(ahead.Position);
        _freeSlots.Push(ahead.Slot);
        run.Ahead = null;
    }

    /// <summary>A guessed token's first pass, if there is room beside the rows that are sure.</summary>
    private void CollectGuess(SequenceRun run, int token)
    {
        run.Guess = null;
        var position = run.Grid.Length;
        if (_rows.Count + _deeper.Count >= forward.Table.Capacity || _freeSlots.Count == 0 || position == run.Grid.Limit) return;
        run.Grid.Append(0, position);
        run.Guesses++;
        _rows.Add(new PositionInFlight(run, position, token, Depth: 0, _freeSlots.Pop(), IsLast: true, float.NaN, IsGuess: true));
    }

    /// <summary>The token that a guess stood for is known: where it held, the pass that ran counts; else it never was.</summary>
    private void Resolve(SequenceRun run)
    {
        var ahead = run.Ahead!.Value;
        if (!run.Policy.GuessHolds(run.Guesses - 1, run.NextToken == ahead.Token))
        {
            DropGuess(run);
            return;
        }
        run.Ahead = null;
        run.GuessesHeld++;
        var row = new PositionInFlight(run, ahead.Position, run.TakeToken(), Depth: 0, ahead.Slot, IsLast: true, float.NaN);
        if (!Part(row, ahead.Decision, token: null)) return;
        forward.Draw([run.Draw!(ahead.Slot)], _drawn.AsSpan(0, 1));
        run.Guess = _drawn[0];
    }
}
