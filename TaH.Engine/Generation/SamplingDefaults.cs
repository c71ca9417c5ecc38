namespace TaH.Engine;

/// <summary>What a checkpoint's generation_config.json says about drawing tokens.</summary>
internal static class SamplingDefaults
{
    /// <summary>Greedy unless the file asks for sampling, as in transformers; its values where it has them, else the release's.</summary>
    public static SamplingSettings Of(GenerationConfig config)
    {
        var release = new SamplingSettings();
        var penalty = (float?)config.RepetitionPenalty ?? release.RepetitionPenalty;
        // The penalty changes which token is the most probable one, so greedy decoding obeys it, too.
        if (config.DoSample != true) return SamplingSettings.Greedy with { RepetitionPenalty = penalty };
        return release with
        {
            Temperature = (float?)config.Temperature ?? release.Temperature,
            TopK = config.TopK ?? release.TopK,
            TopP = (float?)config.TopP ?? release.TopP,
            MinP = (float?)config.MinP ?? release.MinP,
            RepetitionPenalty = penalty,
        };
    }
}
