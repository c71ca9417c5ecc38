namespace TaH.Engine;

/// <summary>Compares texts: what stands behind the thinking, in its last box if it has one.</summary>
/// <remarks>Official asks for the same characters; fair passes over case, blanks and a full stop at the end.</remarks>
internal sealed class ExactMatchGrader : IAnswerGrader
{
    private const string ThinkingEnd = "</think>";
    private const string Box = @"\boxed{";

    /// <inheritdoc/>
    public GradedAnswer Grade(EvaluationProblem problem, string answer)
    {
        var (extracted, gold) = (Extract(answer), problem.Gold);
        if (extracted.Length == 0) return new GradedAnswer(false, false, null, null);
        return new GradedAnswer(extracted == gold, Plain(extracted) == Plain(gold), extracted, Plain(extracted));
    }

    private static string Extract(string answer)
    {
        var end = answer.LastIndexOf(ThinkingEnd, StringComparison.Ordinal);
        var text = end < 0 ? answer : answer[(end + ThinkingEnd.Length)..];
        return (LastBox(text) ?? text).Trim();
    }

    private static string? LastBox(string text)
    {
        var start = text.LastIndexOf(Box, StringComparison.Ordinal);
        if (start < 0) return null;
        start += Box.Length;
        var depth = 1;
        for (var i = start; i < text.Length; i++)
        {
            depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            if (depth == 0) return text[start..i];
        }
        return null;
    }

    private static string Plain(string text) =>
        string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.').TrimEnd();
}
