namespace TaH.Tests;

/// <summary>Passes of 9 to 128 rows at mixed depths, which run as batches on a Hopper card, from embedding to decision.</summary>
[Collection(DeviceCollection.Name)]
public class BatchPassTests(TestDevices devices)
{
    // Sizes that the kernels of batches take: heads, updates, and a decider of whole slices.
    private static readonly SyntheticRecipe Recipe = SyntheticRecipe.Tiny with
    {
        Config = SyntheticRecipe.Tiny.Config with { HiddenSize = 256, IntermediateSize = 512, HeadCount = 4, KvHeadCount = 2, HeadDim = 128 },
        LoraRank = 16,
        DeciderWidth = 64,
    };

    // Below and above each count of rows that products are compiled for, and where attention goes over to tiles.
    [Theory, InlineData(9), InlineData(16), InlineData(33), InlineData(64), InlineData(70), InlineData(128)]
    public void A_batch_computes_what_the_CPU_does_and_a_replayed_pass_what_plain_launches_do(int sequences)
    {
        var card = devices.OpenOrSkip(DeviceKind.Cuda);
        using var model = SyntheticModel.Create(Recipe, card);
        using var scene = new BatchScene(model, sequences);
        var launched = scene.Run();
        scene.Run(); // recorded
        var replayed = scene.Run();
        // Every sum is made in a fixed order, so that numbers repeat bit by bit.
        Assert.Equal(launched.Iterations, replayed.Iterations);
        Assert.Equal(launched.Logits, replayed.Logits);
        Assert.Equal(launched.Decisions, replayed.Decisions);

        using var reference = SyntheticModel.Create(Recipe, devices.OpenOrSkip(DeviceKind.Cpu));
        using var expected = new BatchScene(reference, sequences);
        var (logits, decisions, iterations) = expected.Run();
        Assert.Equal(iterations, launched.Iterations);
        Assert.Contains(1, iterations);
        Assert.Contains(2, iterations);
        // What a product reads is off by up to 2^-9 of itself, at random: four products a layer, three layers; keys and values may round to the
        // neighbours of what they are on the CPU, 2^-8 away. A second pass has its own error, that of the first one, which it begins with and adds
        // to, and that of the entries of both depths.
        var bound = 3 * ((Math.Sqrt(12) * Math.Pow(2, -9)) + Math.Pow(2, -8));
        Near.RelativeL2(logits, launched.Logits, bound, "logits");
        Near.RelativeL2(Asked(decisions), Asked(launched.Decisions), bound, "decisions");
    }

    private static float[] Asked(float[] decisions) => [.. decisions.Where(decision => !float.IsNaN(decision))];
}
