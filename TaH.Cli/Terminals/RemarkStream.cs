using System.Text;

namespace TaH.Cli;

/// <summary>Standard error into a file or a pipe. Remarks that cannot be written are lost; the command is not.</summary>
/// <param name="inner">The writer of the process.</param>
internal sealed class RemarkStream(TextWriter inner) : TextWriter
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
        try
        {
            inner.Write(buffer, index, count);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // There is no place left to say so.
        }
    }
}
