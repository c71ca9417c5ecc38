namespace TaH.Engine;

/// <summary>A place in the grid that outlives an answer: the next prompt runs only from where it departs from what is there.</summary>
public sealed class Conversation : IDisposable
{
    internal Conversation(KnownSequence known) => Known = known;

    /// <summary>Positions that the grid holds.</summary>
    public int Length => Known.Grid.Length;

    internal KnownSequence Known { get; }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Known.TruncateFrom(0);

    /// <inheritdoc/>
    public void Dispose() => Known.Dispose();
}
