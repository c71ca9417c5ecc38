using System.Globalization;
using System.Text;

namespace TaH.Engine;

/// <summary>Which code points are word characters (<c>\w</c> of UTS 18, annex C): what <c>single_word</c> of an added token looks at.</summary>
internal static class WordCharacters
{
    /// <summary>Whether the text's last code point is a word character.</summary>
    public static bool EndsWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var last, out _) == System.Buffers.OperationStatus.Done && IsWord(last);

    /// <summary>Whether the text's first code point is a word character.</summary>
    public static bool StartsWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var first, out _) == System.Buffers.OperationStatus.Done && IsWord(first);

    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D, // Join_Control
        // Other_Alphabetic among the symbols: circled and squared Latin letters.
        UnicodeCategory.OtherSymbol => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189),
        _ => false,
    };
}
