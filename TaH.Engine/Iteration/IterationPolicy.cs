namespace TaH.Engine;

/// <summary>Decides which tokens take another pass.</summary>
public abstract class IterationPolicy
{
    /// <summary>Whether the learned decider has to run for <see cref="GoesOn"/>.</summary>
    public abstract bool NeedsDecider { get; }

    /// <summary>
    /// Whether a row could go on after this pass; known before it runs. Where not, its logits need not be computed for the decision.
    /// </summary>
    /// <param name="position">The row's position in its sequence.</param>
    /// <param name="depth">The depth that it runs at, from 0.</param>
    public abstract bool MayGoOn(int position, int depth);

    /// <summary>Whether the row takes the next pass.</summary>
    /// <param name="position">The row's position in its sequence.</param>
    /// <param name="depth">The depth that it ran at, from 0.</param>
    /// <param name="deciderLogit">The decider's logit; NaN where it did not run.</param>
    public abstract bool GoesOn(int position, int depth, float deciderLogit);

    /// <summary>Whether a guessed token's pass counts. Only a measurement may say otherwise than <paramref name="matches"/>.</summary>
    /// <param name="guess">The guess's number in its answer, from 0.</param>
    /// <param name="matches">Whether the token that was drawn is the one that was guessed.</param>
    internal virtual bool GuessHolds(int guess, bool matches) => matches;
}
