namespace TaH.Engine;

/// <summary>A position between its first pass and its last.</summary>
/// <param name="Run">Its sequence.</param>
/// <param name="Position">Its place in it.</param>
/// <param name="Token">Its token id.</param>
/// <param name="Depth">The depth of the pass in hand, or the next one.</param>
/// <param name="Slot">Where its logits add up; -1 where nobody asks for them.</param>
/// <param name="IsLast">Whether no token of the sequence waits behind it, so that its logits choose the next.</param>
/// <param name="FirstDecision">The decider's logit after depth 0; NaN before, or where it did not run.</param>
/// <param name="IsGuess">Whether the token is only guessed, while the one before still goes on; see <see cref="SequenceRun.Overlaps"/>.</param>
internal readonly record struct PositionInFlight(
    SequenceRun Run, int Position, int Token, int Depth, int Slot, bool IsLast, float FirstDecision, bool IsGuess = false)
{
    /// <summary>Whether this pass has to compute the row's logits.</summary>
    public bool WantsLogits => Slot >= 0 && (IsLast || Run.WantsAllLogits || Run.MayGoOn(Position, Depth));
}

/// <summary>A position that has had all its passes.</summary>
/// <param name="Run">Its sequence.</param>
/// <param name="Position">Its place in it.</param>
/// <param name="Iterations">Passes that it took.</param>
/// <param name="Slot">Its accumulated logits, until the next pass; -1 where nobody asked for them.</param>
/// <param name="IsLast">Whether its logits choose the next token.</param>
/// <param name="FirstDecision">The decider's logit after depth 0; NaN where it did not run.</param>
/// <param name="Token">The token that its logits chose; null where none is drawn.</param>
internal readonly record struct FinishedPosition(
    SequenceRun Run, int Position, int Iterations, int Slot, bool IsLast, float FirstDecision, int? Token);
