namespace TaH.Engine;

/// <summary>Takes boxes apart, from the right.</summary>
/// <remarks>Source: latex2sympy2_extended 1.10.2, extract_boxed_content.</remarks>
internal static class BoxedContent
{
    private const string Box = @"\boxed";
    private const string Frame = @"\fbox";

    // Boxes this near to each other are one answer, whatever stands between.
    private const int Near = 10;

    // Boxes this near are one answer if a word or mark links them.
    private const int Far = 70;
    private static readonly string[] Links = ["and", "or", ",", ";"];

    /// <summary>What the boxes of a text hold, with commas between; the text itself where it has none.</summary>
    /// <param name="text">LaTeX, or prose with boxes in it.</param>
    /// <param name="onlyLast">The last box, and those before it that are linked with their follower; else all.</param>
    public static string Of(string text, bool onlyLast)
    {
        var found = new List<string>();
        int? follower = null;
        var end = text.Length;
        while (LastBox(text, end) is { } box)
        {
            var open = box.End;
            while (open < end && char.IsWhiteSpace(text[open])) open++;
            if (open >= end) break;
            var close = text[open] == '{' ? ClosingBrace(text, open, end) : null;
            if (close is null)
            {
                // A box that nothing closes holds the rest, but only where it is the last one.
                if (found.Count == 0) found.Add(text[open..]);
                break;
            }
            var content = text[(open + 1)..close.Value].Trim();
            if (onlyLast && follower is { } next && !AreLinked(text[(close.Value + 1)..next], content, found[^1])) break;
            found.Add(content);
            follower = end = box.Start;
        }

        found.Reverse();
        return found.Count == 0 ? text : string.Join(',', found);
    }

    private static (int Start, int End)? LastBox(string text, int end)
    {
        var box = text.AsSpan(0, end).LastIndexOf(Box);
        var frame = text.AsSpan(0, end).LastIndexOf(Frame);
        if (box < 0 && frame < 0) return null;
        return box > frame ? (box, box + Box.Length) : (frame, frame + Frame.Length);
    }

    private static int? ClosingBrace(string text, int open, int end)
    {
        var depth = 1;
        for (var place = open + 1; place < end; place++)
        {
            if (text[place] == '{') depth++;
            else if (text[place] == '}' && --depth == 0) return place;
        }
        return null;
    }

    private static bool AreLinked(string between, string content, string next) => between.Length < Near
        || (content != next && between.Length < Far && Links.Any(link => between.Contains(link, StringComparison.Ordinal)));
}
