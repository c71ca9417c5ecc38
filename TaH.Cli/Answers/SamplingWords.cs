namespace TaH.Cli;

/// <summary>How a request's tokens are drawn, in words.</summary>
internal static class SamplingWords
{
    /// <summary>The settings that change anything.</summary>
    public static string Of(GenerationRequest request)
    {
        var sampling = request.Sampling!;
        var parts = new List<FormattableString>();
        if (sampling.Temperature == 0) parts.Add($"the most probable one each");
        else parts.AddRange(Drawing(sampling, request.Seed));
        if (sampling.RepetitionPenalty != 1) parts.Add($"repeat penalty {sampling.RepetitionPenalty}");
        if (sampling.PresencePenalty != 0) parts.Add($"presence penalty {sampling.PresencePenalty}");
        if (sampling.FrequencyPenalty != 0) parts.Add($"frequency penalty {sampling.FrequencyPenalty}");
        parts.Add($"at most {request.MaxTokens:N0}");
        return string.Join(", ", parts.Select(FormattableString.Invariant));
    }

    private static IEnumerable<FormattableString> Drawing(SamplingSettings sampling, long seed) =>
    [
        $"temperature {sampling.Temperature}", $"top-k {sampling.TopK}", $"top-p {sampling.TopP}", $"min-p {sampling.MinP}", $"seed {seed}",
    ];
}
