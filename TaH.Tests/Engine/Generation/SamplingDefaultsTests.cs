namespace TaH.Tests;

/// <summary>What a checkpoint says about sampling becomes what a request without settings gets.</summary>
public sealed class SamplingDefaultsTests
{
    [Fact]
    public void A_checkpoint_that_says_nothing_is_greedy() =>
        Assert.Equal(SamplingSettings.Greedy, SamplingDefaults.Of(new GenerationConfig()));

    /// <summary>transformers adds RepetitionPenaltyLogitsProcessor whether or not do_sample is set.</summary>
    [Fact]
    public void Greedy_decoding_keeps_the_repetition_penalty_and_nothing_else()
    {
        var config = new GenerationConfig { DoSample = false, RepetitionPenalty = 1.25, Temperature = 0.5, TopK = 7 };
        Assert.Equal(SamplingSettings.Greedy with { RepetitionPenalty = 1.25f }, SamplingDefaults.Of(config));
    }

    [Fact]
    public void Sampling_takes_what_the_file_gives_and_the_release_otherwise()
    {
        var config = new GenerationConfig { DoSample = true, TopP = 0.5, RepetitionPenalty = 1.25 };
        Assert.Equal(new SamplingSettings { TopP = 0.5f, RepetitionPenalty = 1.25f }, SamplingDefaults.Of(config));
    }
}
