namespace TaH.Cli;

/// <summary>A standard input that the program was started without: reading it fails at once, with a sentence.</summary>
internal sealed class ClosedInput : TextReader
{
    /// <inheritdoc/>
    public override int Peek() => throw new BadFileException("standard input", null, "is closed");

    /// <inheritdoc/>
    public override int Read() => Peek();
}
