namespace TaH.Engine;

/// <summary>One token of an answer.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">The text that became complete with it; empty inside a character of several tokens, or while a stop string may be
/// coming.</param>
/// <param name="Iterations">Passes spent at the position whose logits chose it.</param>
/// <param name="ContinueProbability">The decider's probability, after that position's first pass, of taking another; null where it did not
/// run.</param>
public readonly record struct GeneratedToken(int Id, string Text, int Iterations, float? ContinueProbability);

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it, or a stop string did.</summary>
    Stop,

    /// <summary>The most tokens asked for, or the context limit, was reached.</summary>
    Length,

    /// <summary>The caller interrupted it.</summary>
    Interrupted,
}
