namespace TaH.Engine;

/// <summary>A request contradicts itself or the model: a token id out of the vocabulary, an empty prompt, a context over the limit.</summary>
/// <param name="message">One sentence saying what is wrong and what would be right.</param>
public sealed class UsageException(string message) : Exception(message);
