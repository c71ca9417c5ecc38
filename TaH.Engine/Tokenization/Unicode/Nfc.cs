using System.Text;

namespace TaH.Engine;

/// <summary>
/// Canonical composition (NFC) without ICU: the program runs with invariant globalisation, where <c>string.Normalize</c> does nothing.
/// </summary>
/// <remarks>Source: Unicode Standard Annex 15; the steps are those of The Unicode Standard, section 3.11.</remarks>
internal static class Nfc
{
    // Below this no code point composes with what precedes it, and none changes.
    private const char FirstThatMatters = '\u0300';

    /// <summary>The text in NFC; the same object where it is NFC already. It must be well-formed UTF-16.</summary>
    public static string Normalize(string text)
    {
        if (IsSurelyNormalized(text)) return text;

        var codePoints = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, codePoints);
        var classes = codePoints.ConvertAll(NfcTable.CombiningClass);
        Reorder(codePoints, classes);
        Compose(codePoints, classes);

        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var codePoint in codePoints) result.Append(units[..new Rune(codePoint).EncodeToUtf16(units)]);
        return result.ToString();
    }

    private static bool IsSurelyNormalized(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange(FirstThatMatters, char.MaxValue);
        if (start < 0) return true;
        foreach (var rune in text.AsSpan(start).EnumerateRunes())
        {
            if (!NfcTable.IsInert(rune.Value)) return false;
        }

        return true;
    }

    private static void Decompose(int codePoint, List<int> output)
    {
        if (Hangul.TryDecompose(codePoint, out var leading, out var vowel, out var trailing))
        {
            output.AddRange(leading, vowel);
            if (trailing != 0) output.Add(trailing);
        }
        else if (NfcTable.TryDecompose(codePoint, out var first, out var second))
        {
            Decompose(first, output);
            if (second != 0) Decompose(second, output);
        }
        else
        {
            output.Add(codePoint);
        }
    }

    /// <summary>Sorts every run of combining marks by class; marks of one class keep their order.</summary>
    private static void Reorder(List<int> codePoints, List<byte> classes)
    {
        for (var start = 0; start < codePoints.Count; start++)
        {
            if (classes[start] == 0) continue;
            var end = start + 1;
            while (end < codePoints.Count && classes[end] != 0) end++;
            var order = Enumerable.Range(start, end - start).OrderBy(i => classes[i]).Select(i => (codePoints[i], classes[i])).ToArray();
            for (var i = start; i < end; i++) (codePoints[i], classes[i]) = order[i - start];
            start = end;
        }
    }

    /// <summary>Joins every code point with the last starter, unless one of its class or a higher one stands between.</summary>
    private static void Compose(List<int> codePoints, List<byte> classes)
    {
        var starter = -1;      // Index of the last starter among the code points kept.
        var lastClass = -1;    // Class of the last one kept after it; -1: none was.
        var kept = 0;
        for (var i = 0; i < codePoints.Count; i++)
        {
            var (codePoint, kind) = (codePoints[i], classes[i]);
            if (starter >= 0 && lastClass < kind && TryCompose(codePoints[starter], codePoint, out var composed))
            {
                codePoints[starter] = composed;
                continue;
            }

            if (kind == 0) (starter, lastClass) = (kept, -1);
            else lastClass = kind;
            codePoints[kept++] = codePoint;
        }

        codePoints.RemoveRange(kept, codePoints.Count - kept);
    }

    private static bool TryCompose(int first, int second, out int composed) =>
        Hangul.TryCompose(first, second, out composed) || NfcTable.TryCompose(first, second, out composed);
}
