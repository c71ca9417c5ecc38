using Microsoft.ML.Tokenizers;

namespace TaH.Engine;

/// <summary>Cuts text into the pieces that BPE works on: a hand-written scanner for the split pattern of Qwen2, Qwen2.5 and Qwen3.</summary>
/// <remarks>The pattern tries its alternatives in order at each place; so does <see cref="NextLength"/>, one alternative a block.</remarks>
internal sealed class QwenPreTokenizer : PreTokenizer
{
    /// <summary>The pattern as tokenizer.json spells it.</summary>
    public const string Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int Offset, int Length)>((text.Length / 4) + 4);
        for (var at = 0; at < text.Length;)
        {
            var length = NextLength(text, at);
            pieces.Add((at, length));
            at += length;
        }

        return pieces;
    }

    private static int NextLength(ReadOnlySpan<char> text, int at)
    {
        var contraction = Contraction(text[at..]);
        if (contraction > 0) return contraction;

        var first = CharacterClasses.At(text, at, out var firstLength);
        var second = at + firstLength;

        // [^\r\n\p{L}\p{N}]?\p{L}+
        var letters = first is CharacterClass.Other or CharacterClass.Space ? second : at;
        var end = SkipAll(text, letters, CharacterClass.Letter);
        if (end > letters) return end - at;

        // \p{N}
        if (first == CharacterClass.Number) return firstLength;

        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        var others = text[at] == ' ' ? second : at;
        end = SkipAll(text, others, CharacterClass.Other);
        if (end > others) return SkipAll(text, end, CharacterClass.LineEnd) - at;

        return WhiteSpace(text, at);
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>; what comes here starts with white space.</summary>
    private static int WhiteSpace(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        var afterLineEnd = at;
        for (; end < text.Length; end++)
        {
            var kind = CharacterClasses.At(text, end, out _); // White space is one UTF-16 unit.
            if (kind == CharacterClass.LineEnd) afterLineEnd = end + 1;
            else if (kind != CharacterClass.Space) break;
        }

        if (afterLineEnd > at) return afterLineEnd - at;
        // Before other text the last space is left to the piece that follows, unless it is the only one.
        return end == text.Length || end - at == 1 ? end - at : end - at - 1;
    }

    private static int SkipAll(ReadOnlySpan<char> text, int at, CharacterClass kind)
    {
        while (at < text.Length && CharacterClasses.At(text, at, out var length) == kind) at += length;
        return at;
    }

    /// <summary><c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>: its length, or 0.</summary>
    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text is not ['\'', var a, ..]) return 0;
        if (Fold(a) is 's' or 't' or 'm' or 'd') return 2;
        return text.Length > 2 && (Fold(a), Fold(text[2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;

        // Case folding takes the long s (U+017F) for an s.
        static char Fold(char c) => c == '\u017F' ? 's' : char.ToLowerInvariant(c);
    }
}
