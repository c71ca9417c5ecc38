using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>
/// Finds the answer in a text: pattern groups by priority, in a group the match that ends furthest right, of those the one that begins first.
/// </summary>
/// <remarks>Source: math-verify 0.8.0, extract_target_from_pred with fallback_mode first_match.</remarks>
internal sealed class AnswerSearch(IEnumerable<AnswerPattern> patterns, bool onlyFirst)
{
    // The order of patterns of one priority decides between matches of the same place, so the sort must be stable, as GroupBy and OrderBy are.
    private readonly List<List<AnswerPattern>> _groups =
        [.. patterns.OrderBy(pattern => pattern.Priority).GroupBy(pattern => pattern.Priority).Select(group => group.ToList())];

    /// <summary>The value that parses first and the text that was found first; null where neither is there.</summary>
    /// <param name="text">What is searched.</param>
    /// <param name="stop">Ends the search.</param>
    /// <exception cref="RegexMatchTimeoutException">A pattern took too long on this text.</exception>
    public ExtractedAnswer? Find(string text, CancellationToken stop)
    {
        string? first = null;
        foreach (var group in _groups)
        {
            var found = false;
            foreach (var (match, reader) in Matches(group, text, stop))
            {
                stop.ThrowIfCancellationRequested();
                var answer = reader.Read(match);
                found = true;
                if (first is null && answer.Text.Length > 0) first = answer.Text;
                if (answer.IsWhole) return answer with { Text = first ?? string.Empty };
                if (onlyFirst) break;
            }
            if (found && onlyFirst) break;
        }

        return first is null ? null : new ExtractedAnswer(null, first);
    }

    private static List<(Match Match, IAnswerReader Reader)> Matches(List<AnswerPattern> group, string text, CancellationToken stop)
    {
        var all = new List<(Match Match, IAnswerReader Reader)>();
        foreach (var pattern in group)
        {
            for (var match = pattern.Regex.Match(text); match.Success; match = match.NextMatch())
            {
                stop.ThrowIfCancellationRequested();
                all.Add((match, pattern.Reader));
            }
        }
        return [.. all.OrderByDescending(found => found.Match.Index + found.Match.Length).ThenBy(found => found.Match.Index)];
    }
}
