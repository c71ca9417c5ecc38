namespace TaH.Engine;

/// <summary>A request failed in a way that another try may cure: a dropped connection, a busy server, wrong bytes.</summary>
internal sealed class TransientHubException(string fact, Exception? inner = null) : Exception(fact, inner)
{
    /// <summary>The wait that the server asked for, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>No connection came about at all: no network, no such host, nobody listening.</summary>
    public bool IsUnreachable { get; init; }
}
