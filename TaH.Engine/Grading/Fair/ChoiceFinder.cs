using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Finds the letter of the choice that an output settles on, as a person would: B, (B), **B**, $B$, \boxed{B}, "the answer is B: ...".</summary>
internal static class ChoiceFinder
{
    // A longer box holds no choice.
    private const int LongestBox = 1000;

    // What may stand around a letter: brackets, emphasis, dollars, \text{ and its like; bounded, so that no text takes long.
    private const string Open = @"(?:[\s*_$({\[""'`]|\\[(\[]|\\(?:text|mathrm|mathbf|textbf|boxed)\s*\{){0,12}";
    private const string Close = @"(?:[\s*_$)}\]""'`]|\\[)\]]){0,12}";
    private const string Letter = "(?<letter>[A-J])(?![A-Za-z0-9'’])";
    private const string AnyCase = @"(?<letter>[A-Ja-j])(?=[\s*_$)}\]""'`.!]*(?:$|\n))";
    private const string Named = @"(?:(?i:option|choice|letter|answer)\s?)?";
    private const string Verb = @"(?i:\s{0,4}(?:is|are|would be|should be|must be|will be|=|:|-|–|—|\u2192|->)?)";

    // B and C, A/B: more than one letter is no choice of one.
    private const string More = @"(?<more>" + Close + @"(?:,|/|&|(?i:and|or)\b)" + Open + @"(?:(?i:option|choice)\s*)?[A-J](?![A-Za-z]))?";

    private static readonly Regex Whole = AnswerPattern.Compile($@"^{Open}{Named}{Open}(?<letter>[A-Ja-j]){Close}\.?{Close}$");
    private static readonly Regex Led = AnswerPattern.Compile($@"^{Open}{Named}{Open}{Letter}{More}{Close}(?:[.:,)\-–]|$|\n)");

    // From the surest cue to the faintest; in each the last one counts.
    private static readonly Regex[] Cues =
    [
        AnswerPattern.Compile($@"(?i:\banswer\b)(?:\s+(?i:choice|option|letter|here|to (?:the|this|your) question))?{Close}{Verb}{Close}{Verb}{Open}{Named}{Open}(?:{Letter}{More}|{AnyCase})"),
        AnswerPattern.Compile($@"(?i:\b(?:correct|right|best)\s+(?:option|choice|one|statement)\b){Close}{Verb}{Open}{Named}{Open}{Letter}{More}"),
        AnswerPattern.Compile($@"(?i:\b(?:choose|chose|pick|select|go with|going with|conclude))\s+{Open}{Named}{Open}{Letter}{More}"),
        AnswerPattern.Compile($@"(?i:\b(?:so|thus|hence|therefore|must be|is|it's))[,:]?\s+{Open}{Letter}{More}(?=[\s*_$)}}\]""]*(?:[.;,:!]|$|\n))"),
        AnswerPattern.Compile($@"(?:\*\*|\$|\\\()\s*\(?{Letter}\)?[.:]?\s*(?:\*\*|\$|\\\))"),
        AnswerPattern.Compile($@"(?i:\b(?:option|choice)\b){Open}{Letter}{More}(?!{Close}\s*(?i:can(?:not)? be|is (?:wrong|incorrect|false|not)|fails|looks))"),
        AnswerPattern.Compile($@"\({Letter}\)"),
    ];

    /// <summary>The letter, more than one with commas between, or null.</summary>
    /// <param name="text">An output without its thinking.</param>
    public static string? Find(string text)
    {
        if (BoxFinder.Last(text) is { Length: < LongestBox } box && OfShort(box) is { } boxed) return boxed;
        if (OfShort(text) is { } whole) return whole;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length > 0 && Whole.IsMatch(lines[^1])) return OfShort(lines[^1]);
        foreach (var cue in Cues)
        {
            var found = cue.Matches(text).LastOrDefault(match => !IsWord(text, match));
            if (found is not null) return Word(found);
        }

        return lines.Length == 0 ? null : OfShort(lines[^1]) ?? OfShort(lines[0]);
    }

    /// <summary>The letter of a text that is, or begins with, a choice: "B", "(b)", "B. the second one".</summary>
    public static string? OfShort(string text)
    {
        var whole = Whole.Match(text.Trim());
        if (whole.Success) return Word(whole);
        var led = Led.Match(text.Trim());
        return led.Success && !IsWord(text.Trim(), led) ? Word(led) : null;
    }

    private static string Word(Match match) => match.Groups["letter"].Value.ToUpperInvariant()
        + string.Concat(match.Groups["more"].Value.Where(char.IsAsciiLetterUpper).Select(letter => ", " + letter));

    // "A careful reading", "I think": a word of the sentence, not a choice.
    private static bool IsWord(string text, Match match)
    {
        var letter = match.Groups["letter"];
        if (letter.Value is not ("A" or "I")) return false;
        var rest = text.AsSpan(letter.Index + 1);
        return rest.Length > 1 && rest[0] == ' ' && char.IsAsciiLetter(rest[1]) && !Follows.IsMatch(rest);
    }

    private static readonly Regex Follows = AnswerPattern.Compile("^ (?:because|since|as|and|or|is|due|given|for|which|from|by|with|in)\\b");
}
