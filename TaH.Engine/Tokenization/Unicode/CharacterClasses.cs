using System.Globalization;

namespace TaH.Engine;

/// <summary>What the split pattern of Qwen tells apart.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither of the others.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c> without the line ends.</summary>
    Space,

    /// <summary>Carriage return or line feed.</summary>
    LineEnd,
}

/// <summary>Classes of whole code points. .NET's Regex sees UTF-16 units and takes 𠮷 and 𝟏 for neither letter nor number.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] BasicPlane = ClassifyBasicPlane();

    /// <summary>The class of the code point that starts at <paramref name="at"/>, and its length in UTF-16 units.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int at, out int length)
    {
        var first = text[at];
        if (char.IsHighSurrogate(first) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            length = 2;
            return Classify(char.ConvertToUtf32(first, text[at + 1]));
        }

        length = 1;
        return BasicPlane[first];
    }

    private static CharacterClass[] ClassifyBasicPlane()
    {
        var classes = new CharacterClass[0x10000];
        for (var codePoint = 0; codePoint < classes.Length; codePoint++) classes[codePoint] = Classify(codePoint);
        return classes;
    }

    private static CharacterClass Classify(int codePoint)
    {
        if (codePoint is '\r' or '\n') return CharacterClass.LineEnd;
        if (codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint)) return CharacterClass.Space;
        return CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }
}
