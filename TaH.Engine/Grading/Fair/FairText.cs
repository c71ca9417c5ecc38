using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>An output as its reader is meant to see it: no thinking, no control tokens, nothing after the end of the turn.</summary>
internal static class FairText
{
    private const string ThinkStart = "<think>";
    private const string ThinkEnd = "</think>";

    private static readonly Regex TurnEnd = AnswerPattern.Compile(@"<\|(?:im_end|endoftext|eot_id|end_of_text|end)\|>|</s>");
    private static readonly Regex ControlToken = AnswerPattern.Compile(@"<\|[^|<>\s]{1,40}\|>");

    /// <summary>What stands after the thinking. Thinking that never ends leaves only what stood before it.</summary>
    public static string Of(string output)
    {
        var end = output.LastIndexOf(ThinkEnd, StringComparison.Ordinal);
        var text = end < 0 ? output : output[(end + ThinkEnd.Length)..];
        var start = text.IndexOf(ThinkStart, StringComparison.Ordinal);
        if (start >= 0) text = text[..start];
        var turn = TurnEnd.Match(text);
        if (turn.Success) text = text[..turn.Index];
        return ControlToken.Replace(text, " ");
    }
}
