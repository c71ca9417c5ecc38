namespace TaH.Engine;

/// <summary>What loading a model took. The tokenizer is read while the device is opened.</summary>
/// <param name="Files">Reading and checking the checkpoint's configs and headers.</param>
/// <param name="Tokenizer">Reading the tokenizer and the chat format.</param>
/// <param name="Device">Opening the device.</param>
/// <param name="Weights">Bringing the weights to it.</param>
public sealed record LoadTimings(TimeSpan Files, TimeSpan Tokenizer, TimeSpan Device, TimeSpan Weights);
