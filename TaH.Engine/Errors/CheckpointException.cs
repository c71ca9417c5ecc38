namespace TaH.Engine;

/// <summary>A checkpoint file is truncated, contradicts another one, or is not what it says it is.</summary>
/// <inheritdoc/>
public sealed class CheckpointException(string file, string? field, string fact, Exception? inner = null)
    : BadFileException(file, field, fact, inner);
