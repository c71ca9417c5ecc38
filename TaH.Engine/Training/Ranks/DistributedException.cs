namespace TaH.Engine;

/// <summary>The ranks of a run did not find each other, or one of them is gone.</summary>
/// <param name="message">One sentence.</param>
public sealed class DistributedException(string message) : Exception(message);
