using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Where an answer in LaTeX may stand: in a box, behind the word "answer", or, in a gold, anywhere.</summary>
/// <remarks>Source: math-verify 0.8.0, LatexExtractionConfig.</remarks>
internal static class LatexPatterns
{
    private static readonly string Linked = LatexEnvironments.Linked(boxed: false);

    /// <summary>For golds: formulas count wherever they stand, boxes after "final answer is ... I hope".</summary>
    public static IReadOnlyList<AnswerPattern> OfGold { get; } =
        [.. Named(LatexAnswerReader.OfGold), Pattern(AnswerPattern.Anywhere, Linked, LatexAnswerReader.OfGold), .. Boxes(AnswerPattern.FinalAnswer, LatexAnswerReader.OfGold)];

    /// <summary>For outputs, as the authors of TaH set it up: boxes before all else, and no formula that nothing announces.</summary>
    public static IReadOnlyList<AnswerPattern> OfOutput { get; } =
        [.. Named(LatexAnswerReader.OfOutput), .. Boxes(AnswerPattern.Hoped, LatexAnswerReader.OfOutput)];

    private static IEnumerable<AnswerPattern> Named(LatexAnswerReader reader) =>
    [
        Pattern(AnswerPattern.Hoped, $@"(?i:final answer is):?\s*{Linked}\.?\s?I hope", reader),
        Pattern(AnswerPattern.FinalAnswer, $@"(?i:final answer.{{0,100}}?)\s+is:?\s*{Linked}", reader),
        Pattern(AnswerPattern.AnswerColon, "(?i:answer):.{0,50}?" + Linked, reader),
        Pattern(AnswerPattern.AnswerWord, "(?i:answer).{0,50}?" + Linked, reader),
    ];

    // A bare box is matched to the last brace of the text; where it really ends is found when it is read.
    private static IEnumerable<AnswerPattern> Boxes(int priority, LatexAnswerReader reader) =>
    [
        Pattern(priority, LatexEnvironments.Linked(boxed: true), reader),
        Pattern(priority, $@"(?<{LatexAnswerReader.BareBox}>\\boxed\{{.+\}})", reader),
    ];

    private static AnswerPattern Pattern(int priority, string pattern, LatexAnswerReader reader) =>
        new(AnswerPattern.Compile(pattern, RegexOptions.Singleline), priority, reader);
}
