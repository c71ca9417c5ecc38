namespace TaH.Kernels;

/// <summary>The device that was asked for is not there. The message says what was found and how to get the other.</summary>
/// <param name="message">One sentence, or two: the fact and the remedy.</param>
public sealed class DeviceNotFoundException(string message) : Exception(message);
