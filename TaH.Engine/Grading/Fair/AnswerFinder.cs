using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Finds the final answer of a mathematical output as a person would: the last box, else what is said to be the answer, else how the text ends.</summary>
internal static class AnswerFinder
{
    private static readonly Regex EmptyBox = AnswerPattern.Compile(@"\\boxed\s*\{\s*\}");
    private static readonly Regex Tagged = AnswerPattern.Compile(@"<answer>(?<answer>.*?)(?:</answer>|$)", RegexOptions.Singleline);
    private static readonly Regex Hashes = AnswerPattern.Compile(@"^\s*####\s*(?<answer>[^\n]+)", RegexOptions.Multiline);

    private static readonly Regex Said = AnswerPattern.Compile(
        @"(?i:\banswers?)\b(?:\s+(?i:to\s+(?:the|this)\s+(?:question|problem)|here))?[*_\s]*"
        + @"(?:(?i:is|are|would be|should be|must be|will be)\b|[:=]|\n|\s(?=[$\\\d-]))[*_\s:]*(?<answer>[^\n]+)");

    private const string Formula = @"\$\$(?<formula>[^$]+)\$\$|\\\[(?<formula>.+?)\\\]|(?<!\\)\$(?<formula>(?:\\\$|[^$\n])+)(?<!\\)\$|\\\((?<formula>.+?)\\\)";
    private static readonly Regex Formulas = AnswerPattern.Compile(Formula, RegexOptions.Singleline);
    private static readonly Regex LeadingFormulas = AnswerPattern.Compile(
        $@"^(?:[a-z\s]{{0,20}})(?:{Formula})(?:\s*(?:,|and|or|,\s*and|,\s*or)\s*(?:{Formula}))*", RegexOptions.Singleline);

    private static readonly Regex Word = AnswerPattern.Compile(@"(?<![\\A-Za-z{])[A-Za-z]{2,}[\s,:]+");
    private static readonly Regex Bold = AnswerPattern.Compile(@"\*\*(?<answer>[^*\n]+)\*\*");
    private static readonly Regex Number = AnswerPattern.Compile(@"(?<![\w.])[-−]?[$€£]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:/\d+)?%?");
    private static readonly Regex SentenceEnd = AnswerPattern.Compile(@"(?<=[^\s\d])[.!?](?=\s|$)|(?<=\d)[.!](?=\s|$)|\?|;\s");
    private static readonly Regex Doubt = AnswerPattern.Compile(@"(?i:^(?:not|no longer|unclear|unknown|wrong|incorrect|in the|as follows|below|above)\b)");

    /// <summary>The text of the answer, or null where an output has none.</summary>
    /// <param name="text">An output without its thinking.</param>
    public static string? Find(string text)
    {
        if (BoxFinder.Last(text) is { } box) return box;
        text = EmptyBox.Replace(text, string.Empty);
        if (Tagged.Matches(text).LastOrDefault() is { } tagged) return tagged.Groups["answer"].Value.Trim();
        if (Hashes.Matches(text).LastOrDefault() is { } hashes) return hashes.Groups["answer"].Value.Trim();
        return Announced(text) ?? AtEnd(text);
    }

    private static string? Announced(string text)
    {
        foreach (var said in Said.Matches(text).Reverse())
        {
            var rest = text[said.Groups["answer"].Index..];
            if (Doubt.IsMatch(rest)) continue;
            var formulas = LeadingFormulas.Match(rest);
            if (formulas.Success) return Joined(formulas);
            var line = said.Groups["answer"].Value;
            var end = SentenceEnd.Match(line);
            if (end.Success && end.Value == "?") continue;
            var answer = (end.Success ? line[..end.Index] : line).Trim(' ', '*', '_');
            if (answer.Any(char.IsLetterOrDigit)) return answer;
        }

        return null;
    }

    private static string? AtEnd(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0) return null;
        if (Formulas.Matches(text).LastOrDefault() is { } last && text.AsSpan(last.Index + last.Length).Trim().Length < lines[^1].Length)
            return last.Groups["formula"].Value.Trim();
        if (Bold.Matches(lines[^1]).LastOrDefault() is { } bold) return bold.Groups["answer"].Value.Trim();
        if (lines[^1].LastIndexOf('=') is var sign and >= 0) return lines[^1][(sign + 1)..].Trim();
        if (AfterWords(lines[^1]) is { } bare && bare.Contains('\\')) return bare;
        if (Number.Matches(lines[^1]).LastOrDefault() is { } number) return number.Value;
        return lines[^1].Contains(' ') ? null : lines[^1];
    }

    // LaTeX without delimiters at the end of a line: what follows the last word of prose.
    private static string AfterWords(string line) => Word.Matches(line).LastOrDefault() is { } word ? line[(word.Index + word.Length)..].Trim() : line;

    private static string Joined(Match formulas) =>
        string.Join(", ", formulas.Groups["formula"].Captures.OrderBy(capture => capture.Index).Select(capture => capture.Value.Trim()));
}
