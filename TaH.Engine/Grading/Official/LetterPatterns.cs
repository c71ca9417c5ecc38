namespace TaH.Engine;

/// <summary>Where the letter of a choice may stand: behind white space, before white space or a mark, perhaps in bold.</summary>
/// <remarks>Source: math-verify 0.8.0, StringExtractionConfig with its defaults: A to D, capitals only.</remarks>
internal static class LetterPatterns
{
    private const string Letter = "(?<letter>[ABCD])";
    private const string LetterEnd = @"(?:\*\*)?(?:[.,:\s]|$)";
    private const string Standing = @"(?:^|\s)(?:\*\*)?" + Letter + LetterEnd;

    public static IReadOnlyList<AnswerPattern> All { get; } =
    [
        Pattern(AnswerPattern.Hoped, @"(?i:final answer is):?\s*" + Letter + @"\.?\s?I hope"),
        Pattern(AnswerPattern.FinalAnswer, @"(?i:final answer.{0,100}?)\s+is:?\s*" + Letter),
        Pattern(AnswerPattern.AnswerColon, "(?i:answer):.{0,50}?" + Standing),
        Pattern(AnswerPattern.AnswerWord, "(?i:answer).{0,50}?" + Standing),
        Pattern(AnswerPattern.TextStart, @"^(?:\*\*)?" + Letter + LetterEnd),
        Pattern(AnswerPattern.Anywhere, Standing),
    ];

    private static AnswerPattern Pattern(int priority, string pattern) =>
        new(AnswerPattern.Compile(pattern), priority, new LetterAnswerReader());
}
