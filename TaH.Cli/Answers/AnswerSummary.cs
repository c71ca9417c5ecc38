using TaH.Kernels;

namespace TaH.Cli;

/// <summary>What one answer or a batch of them took.</summary>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="TokensPerSecond">Tokens a second: after the first for one answer, of the whole for a batch; null for too few.</param>
/// <param name="FirstToken">From the start to the first token; null for none.</param>
/// <param name="AverageIterations">Passes a token, on average; null for none.</param>
/// <param name="ShareIterated">The share of tokens that took more than one pass; null for none.</param>
/// <param name="Guesses">Tokens that were guessed behind hard ones, and how many were right.</param>
/// <param name="End">How it ended, where that needs saying.</param>
internal sealed record AnswerSummary(
    int Tokens, double? TokensPerSecond, TimeSpan? FirstToken, double? AverageIterations, double? ShareIterated, (int Made, int Held) Guesses,
    string End)
{
    public static AnswerSummary Of(IReadOnlyList<Completion> answers)
    {
        var tokens = answers.SelectMany(answer => answer.Tokens).ToList();
        var together = GenerationTimings.Together(answers.Select(answer => answer.Timings));
        return new AnswerSummary(
            tokens.Count,
            answers.Count == 1 ? answers[0].Timings.DecodeTokensPerSecond : tokens.Count / together?.Total.TotalSeconds,
            together?.FirstToken,
            tokens.Count == 0 ? null : tokens.Average(token => token.Iterations),
            tokens.Count == 0 ? null : tokens.Average(token => token.Iterations > 1 ? 1.0 : 0.0),
            (answers.Sum(answer => answer.Guesses.Made), answers.Sum(answer => answer.Guesses.Held)),
            EndOf(answers));
    }

    /// <summary>The summary as one line.</summary>
    public string InWords(DeviceInfo device)
    {
        var parts = new List<FormattableString> { $"{Plural.Of(Tokens, "token")}" };
        if (TokensPerSecond is { } speed) parts.Add($"{speed:N1} tokens/s");
        if (FirstToken is { } first) parts.Add($"first token {first.TotalMilliseconds:N0} ms");
        if (AverageIterations is { } average) parts.Add($"{average:F2} iterations a token");
        if (ShareIterated is { } share) parts.Add($"{100 * share:F1} % iterated");
        if (Guesses.Made > 0) parts.Add($"{Guesses.Held:N0} of {Guesses.Made:N0} guesses held");
        parts.Add($"on {device.Selector}");
        return string.Join(", ", parts.Select(FormattableString.Invariant)) + End;
    }

    private static string EndOf(IReadOnlyList<Completion> answers)
    {
        if (answers.Any(answer => answer.FinishReason == FinishReason.Interrupted)) return "; interrupted";
        var cut = answers.Count(answer => answer.FinishReason == FinishReason.Length);
        if (cut == 0) return "";
        var which = answers.Count == 1 ? "" : FormattableString.Invariant($"{cut} of {answers.Count} ");
        return $"; {which}cut off at the length limit (--max-tokens, --ctx-size)";
    }
}
