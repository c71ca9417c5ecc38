namespace TaH.Engine;

/// <summary>Where a plain number or a sum of numbers may stand in a text, without LaTeX.</summary>
/// <remarks>Source: math-verify 0.8.0, ExprExtractionConfig with its defaults.</remarks>
internal static class NumberPatterns
{
    // 1,234.56 and 1 234.56; 12.5 and 12,5; .5; 12
    private const string Number = @"(?<!\d)(?:(?<grouped>-?[1-9]\d{0,2}(?:[ ,]\d{3})+)(?<groupedDecimals>\.\d+)?"
        + @"|(?<whole>-?\d+)(?<decimals>[.,]\d+)|(?<bareDecimals>\.\d+)|(?<integer>-?\d+))"
        + @"(?<percent>\s*(?:%|[Pp]ercent|\s*[Pp]ercentage|\s*[Pp]ct))?";

    private const string Operators = @"+\-*×/^()÷";

    // A digit first, and an operator somewhere behind it.
    private const string Sum = $@"(?<sum>-?\(?-?\d[\d.\s{Operators}]*[{Operators}][\d.\s{Operators}]+\)?)";

    private const string Start = @"(?:^|[\s=])(?:\*\*)?";
    private const string StandingSum = $@"(?:{Start}{Sum}(?:\*\*)?(?:[.,:\s)$]|$))";

    // A number needs nothing behind it: $100 and 100m2 are read, XDY2K is not.
    private const string StandingNumber = $"(?:{Start}[{Currencies}]?{Number})";
    private const string Currencies = "$€£¥₹₽₪₩₫฿₡₢₣₤₥₦₧₨₭₮₯₰₱₲₳₴₵₶₷₸₺₻₼₾₿";

    private const string Either = $"(?:{StandingSum}|{StandingNumber})";

    // The last equals sign within 100 letters, or at most 50 letters between; a number before an equals sign is no answer.
    private const string Tail = $@"(?:.{{0,100}}=\s*|.{{0,50}}?){Either}(?!\s*=)";

    public static IReadOnlyList<AnswerPattern> All { get; } =
    [
        Pattern(AnswerPattern.Hoped, $@"(?i:final answer is):?\s*{Either}\.?\s?I hope"),
        Pattern(AnswerPattern.FinalAnswer, $@"(?i:final answer.{{0,100}}?)\s+is:?{Either}"),
        Pattern(AnswerPattern.AnswerColon, $"(?i:answer):{Tail}"),
        Pattern(AnswerPattern.AnswerWord, $"(?i:answer){Tail}"),
        Pattern(AnswerPattern.Anywhere, StandingSum),
        Pattern(AnswerPattern.Anywhere, StandingNumber),
    ];

    private static AnswerPattern Pattern(int priority, string pattern) =>
        new(AnswerPattern.Compile(pattern), priority, new NumberAnswerReader());
}
