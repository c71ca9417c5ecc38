using System.Text;

namespace TaH.Cli;

/// <summary>Standard output into a file or a pipe: what cannot be written ends the command, and a pipe that nobody reads ends it quietly.</summary>
/// <param name="inner">The writer of the process; null where standard output is closed.</param>
/// <param name="isBroken">Whether the reader is gone.</param>
internal sealed class AnswerStream(TextWriter? inner, Func<bool> isBroken) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value], 0, 1);

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        var letters = (value ?? "").ToCharArray();
        Write(letters, 0, letters.Length);
    }

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count)
    {
        if (inner is null) throw new OutputException("standard output: is closed");
        try
        {
            inner.Write(buffer, index, count);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"standard output: cannot be written: {error.Message.TrimEnd('.')}", error);
        }
        if (isBroken()) throw new BrokenPipeException();
    }
}

/// <summary>Standard output does not take what is written. The message is one sentence.</summary>
internal sealed class OutputException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Whoever read standard output has left, as <c>head</c> does when it has seen enough: nothing is wrong or left to do.</summary>
internal sealed class BrokenPipeException() : Exception("standard output: nobody reads it any more");
