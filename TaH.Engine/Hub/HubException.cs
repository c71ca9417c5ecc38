namespace TaH.Engine;

/// <summary>A model could not be brought from the hub. The message is one sentence: model, file, fact, what to do.</summary>
/// <param name="message">What went wrong, and the remedy where there is one.</param>
/// <param name="inner">The exception that led here, if one did.</param>
public sealed class HubException(string message, Exception? inner = null) : Exception(message, inner);
