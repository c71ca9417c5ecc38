using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Finds what the last box of a text holds.</summary>
internal static class BoxFinder
{
    private static readonly Regex Box = AnswerPattern.Compile(@"\\(?:boxed|fbox|framebox)(?![a-zA-Z])\s*");

    // Nothing but a link between two boxes: then both are the answer.
    private static readonly Regex Link = AnswerPattern.Compile(@"^[\s$*]*(?:(?:,|;|and|or|,\s*and|,\s*or|\\text\s*\{\s*(?:and|or)\s*\})[\s$*]*|\\quad[\s$*]*)$");

    private static readonly Regex Break = AnswerPattern.Compile(@"(?<!\\)\$|\n");

    /// <summary>The last box that is not empty, with those that only a comma, "and" or "or" parts from it; null where there is none.</summary>
    public static string? Last(string text)
    {
        var boxes = Box.Matches(text).Select(match => Read(text, match)).ToList();
        var last = boxes.FindLastIndex(box => box.Content.Length > 0);
        if (last < 0) return null;
        var joined = boxes[last].Content;
        for (var place = last; place > 0; place--)
        {
            var (earlier, later) = (boxes[place - 1], boxes[place]);
            if (earlier.Content.Length == 0 || earlier.End > later.Start || !Link.IsMatch(text[earlier.End..later.Start])) break;
            if (earlier.Content != later.Content) joined = $"{earlier.Content}, {joined}";
        }

        return joined;
    }

    private static (int Start, int End, string Content) Read(string text, Match box)
    {
        var open = box.Index + box.Length;
        if (open >= text.Length) return (box.Index, open, string.Empty);
        if (text[open] == '{' && ClosingBrace(text, open) is { } close) return (box.Index, close + 1, text[(open + 1)..close].Trim());

        // Nothing closes it, or it has no brace: what stands before the formula or the line ends.
        var end = Break.Match(text, open) is { Success: true } mark ? mark.Index : text.Length;
        return (box.Index, end, text[open..end].TrimStart('{').Trim());
    }

    private static int? ClosingBrace(string text, int open)
    {
        var depth = 0;
        for (var place = open; place < text.Length; place++)
        {
            if (text[place] == '\\') place++;
            else if (text[place] == '{') depth++;
            else if (text[place] == '}' && --depth == 0) return place;
        }

        return null;
    }
}
