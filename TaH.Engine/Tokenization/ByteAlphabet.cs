using System.Buffers;
using System.Text;

namespace TaH.Engine;

/// <summary>
/// The alphabet that byte-level BPE writes its tokens in: every byte has one printable character, so that a token of any bytes is a readable
/// string (a space is <c>Ġ</c>, a line feed <c>Ċ</c>).
/// </summary>
/// <remarks>Source: <c>bytes_to_unicode</c> of GPT-2; the <c>ByteLevel</c> pre-tokenizer and decoder of Hugging Face tokenizers.</remarks>
internal static class ByteAlphabet
{
    private const int Characters = 0x144; // One past the last character that stands for a byte.
    private static readonly char[] ByteToCharacter = new char[256];
    private static readonly short[] CharacterToByte = new short[Characters];

    static ByteAlphabet()
    {
        Array.Fill(CharacterToByte, (short)-1);
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            // Bytes that are printable in Latin-1 stand for themselves; the others move past it, in order.
            var printable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            var character = (char)(printable ? value : next++);
            ByteToCharacter[value] = character;
            CharacterToByte[character] = (short)value;
        }
    }

    /// <summary>The character that stands for a byte.</summary>
    public static char Of(byte value) => ByteToCharacter[value];

    /// <summary>
    /// Writes the bytes that a token stands for. A token with any character outside the alphabet (an added token such as <c>&lt;思考&gt;</c>)
    /// stands for its own UTF-8 bytes instead, as in the <c>ByteLevel</c> decoder of Hugging Face.
    /// </summary>
    public static void WriteBytes(ReadOnlySpan<char> token, IBufferWriter<byte> output)
    {
        var bytes = output.GetSpan(token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            var value = token[i] < Characters ? CharacterToByte[token[i]] : (short)-1;
            if (value < 0)
            {
                Encoding.UTF8.GetBytes(token, output);
                return;
            }

            bytes[i] = (byte)value;
        }

        output.Advance(token.Length);
    }
}
