using System.Text;

namespace TaH.Engine;

/// <summary>.NET strings may hold half of a surrogate pair, which no encoding of Unicode can express.</summary>
internal static class WellFormedText
{
    /// <summary>The text with U+FFFD for every lone surrogate; the same object where there is none.</summary>
    public static string Of(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (start < 0) return text;
        for (var at = start; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out _, out var length) != System.Buffers.OperationStatus.Done) return Repair(text);
            at += length;
        }

        return text;
    }

    private static string Repair(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune.ToString());
        return result.ToString();
    }
}
