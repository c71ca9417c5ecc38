using System.Buffers;
using System.Text;

namespace TaH.Engine;

/// <summary>
/// Turns tokens into text one by one. A token may end in the middle of a code point; its beginning is then kept back until the rest has come, so
/// that the pieces joined are what <see cref="Tokenizer.Decode"/> gives for all ids at once. Not for use by several threads.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly TokenTable _tokens;
    private readonly bool _skipSpecialTokens;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    internal StreamingDecoder(TokenTable tokens, bool skipSpecialTokens)
    {
        _tokens = tokens;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes the next token.</summary>
    /// <param name="id">Token id; one past the vocabulary (a padding row of the language-model head) is no text.</param>
    /// <returns>The text that became complete: whole code points, or the empty string.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public string Append(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        if (_skipSpecialTokens && _tokens.IsSpecial(id)) return "";
        ByteAlphabet.WriteBytes(_tokens[id], _bytes);
        return Drain(flush: false);
    }

    /// <summary>Ends the text: what is left of an incomplete code point comes out as U+FFFD. The decoder can then begin another text.</summary>
    public string Flush() => Drain(flush: true);

    private string Drain(bool flush)
    {
        var bytes = _bytes.WrittenSpan;
        var characters = new char[_utf8.GetCharCount(bytes, flush)];
        _ = _utf8.GetChars(bytes, characters, flush);
        _bytes.ResetWrittenCount();
        return new string(characters);
    }
}
