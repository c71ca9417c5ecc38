namespace TaH.Tests;

public sealed class CheckpointSummaryTests
{
    [Fact]
    public void Counts_the_parts_of_an_untied_model_with_wide_heads()
    {
        using var checkpoint = Checkpoint.Open(CheckpointFixtures.Directory("b_untied_widehead"));
        var summary = CheckpointSummary.Of(checkpoint);

        // vocab 320, hidden 64, ffn 96, 4 layers, heads 4/2 x 32, rank 8.
        var parameters = summary.Parameters;
        Assert.Equal((320 * 64, 320 * 64), (parameters.Embedding, parameters.Head));
        Assert.Equal(4 * (2 * 64 * 128 + 2 * 64 * 64), parameters.Attention);
        Assert.Equal(4 * 3 * 64 * 96, parameters.FeedForward);
        Assert.Equal(4 * (2 * 64 + 2 * 32) + 64, parameters.Norms);
        Assert.Equal(4 * 8 * (2 * (64 + 128) + 2 * (64 + 64) + 3 * (64 + 96)), parameters.Lora);
        Assert.Equal(parameters.Base * 4, summary.WeightBytes);
        Assert.Equal(parameters.Lora * 4, summary.LoraBytes);
        Assert.Equal(4 * 2 * 32 * 2 * 2, summary.KvBytesPerPosition(bytesPerValue: 2));
        Assert.Equal(0.82421875f, summary.Decider!.EffectiveThreshold);
        Assert.Equal(2.0, summary.Lora!.Scale);
        Assert.Equal(parameters.Base + parameters.Lora + parameters.Decider, parameters.Total);
        // The .bin of this fixture holds 196,201 bytes of which 4 are the threshold and 3,425 are not numbers.
        Assert.Equal((196_201 - 3_425 - 4) / 4, parameters.Decider);
    }

    [Fact]
    public void A_plain_model_has_no_tah_parts_and_a_tied_one_no_head()
    {
        using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
        Directory.Delete(scratch["lora"], recursive: true);
        File.Delete(scratch["iter_decider.bin"]);
        File.Delete(scratch["tah_config.json"]);
        using var checkpoint = Checkpoint.Open(scratch.Path);
        var summary = CheckpointSummary.Of(checkpoint);

        Assert.False(checkpoint.IsTah);
        Assert.Null(checkpoint.Lora);
        Assert.Null(checkpoint.Decider);
        Assert.Null(summary.Tah);
        Assert.Equal(summary.Parameters.Base, summary.Parameters.Total);
        Assert.Equal(0, summary.Parameters.Head);
    }
}
