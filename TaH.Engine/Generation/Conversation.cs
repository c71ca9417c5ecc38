namespace TaH.Engine;

/// <summary>
/// A place in the grid that outlives an answer: the next prompt runs only from where it departs from what is there. What is there keeps the passes
/// that it took, also if a later request asks for another policy or depth; <see cref="Clear"/> makes everything run again. One answer at a time.
/// </summary>
public sealed class Conversation : IDisposable
{
    internal Conversation(KnownSequence known) => Known = known;

    /// <summary>Positions that the grid holds.</summary>
    public int Length => Known.Grid.Length;

    internal KnownSequence Known { get; }

    /// <summary>The answer that was begun last.</summary>
    internal Completion? Latest { get; set; }

    /// <summary>Forgets everything, and ends an answer that was not finished.</summary>
    public void Clear()
    {
        Latest?.Dispose();
        Known.TruncateFrom(0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Latest?.Dispose();
        Known.Dispose();
    }
}
