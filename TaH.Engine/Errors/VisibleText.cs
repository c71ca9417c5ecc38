using System.Buffers;
using System.Globalization;
using System.Text;

namespace TaH.Engine;

/// <summary>
/// Text of unknown origin as a terminal and a log may show it: what would move the cursor or change the order of letters is escaped.
/// </summary>
public static class VisibleText
{
    private const string Ellipsis = "...";

    /// <summary>The text with control and format characters, line separators and halves of surrogate pairs written as <c>\u001b</c>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">The most characters of the result, at least 3; a longer one is cut and ends with three dots.</param>
    public static string Of(string text, int limit = int.MaxValue)
    {
        var shown = new StringBuilder();
        var cut = 0;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var isWhole = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            if (isWhole && IsVisible(rune)) shown.Append(rest[..length]);
            else foreach (var unit in rest[..length]) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            if (shown.Length > limit) return shown.ToString(0, cut) + Ellipsis;
            if (shown.Length <= limit - Ellipsis.Length) cut = shown.Length;
            rest = rest[length..];
        }

        return shown.ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
