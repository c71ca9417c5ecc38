namespace TaH.Engine;

/// <summary>Compares texts: what stands behind the thinking, in its last box if it has one.</summary>
/// <remarks>
/// Official asks for the same characters. Fair passes over case, blanks and a full stop at the end, and where there is no box reads what follows
/// "answer is" or "answer:".
/// </remarks>
internal sealed class ExactMatchGrader : ISampleGrader
{
    private const string ThinkingEnd = "</think>";
    private const string Box = @"\boxed{";

    /// <inheritdoc/>
    public SampleVerdict Grade(EvaluationProblem problem, string answer)
    {
        var end = answer.LastIndexOf(ThinkingEnd, StringComparison.Ordinal);
        var text = (end < 0 ? answer : answer[(end + ThinkingEnd.Length)..]).Trim();
        var box = LastBox(text)?.Trim();
        var (official, fair) = (box ?? text, Plain(box ?? BehindAnswer(text)));
        return new SampleVerdict(
            official.Length > 0 && official == problem.Gold, fair.Length > 0 && fair == Plain(problem.Gold), NullIfEmpty(official), NullIfEmpty(fair));
    }

    private static string BehindAnswer(string text)
    {
        foreach (var words in (string[])["answer is", "answer:"])
        {
            var start = text.LastIndexOf(words, StringComparison.OrdinalIgnoreCase);
            if (start >= 0) return text[(start + words.Length)..];
        }
        return text;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

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
