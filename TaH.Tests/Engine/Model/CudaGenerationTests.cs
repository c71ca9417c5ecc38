namespace TaH.Tests;

/// <summary>A card that is told to run the kernels of an older generation computes the same model.</summary>
[Collection(DeviceCollection.Name)]
public class CudaGenerationTests(TestDevices devices)
{
    // Heads as flash attention takes them.
    private static readonly SyntheticRecipe Recipe = SyntheticRecipe.Tiny with
    {
        Config = SyntheticRecipe.Tiny.Config with { HiddenSize = 256, IntermediateSize = 512, HeadCount = 4, KvHeadCount = 2, HeadDim = 128 },
    };

    // Passes of tiles of both sides and flash attention, then of streamed weights; of streamed weights alone; of single rows, as in decoding.
    public static TheoryData<CudaGeneration, int, int> Cases()
    {
        var cases = new TheoryData<CudaGeneration, int, int>();
        foreach (var generation in Enum.GetValues<CudaGeneration>())
        foreach (var (tokens, rows) in ((int, int)[])[(200, 160), (40, 20), (6, 1)])
            cases.Add(generation, tokens, rows);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Logits_equal_those_of_the_CPU(CudaGeneration generation, int tokens, int rows)
    {
        var device = devices.OpenOrSkip(generation);
        var request = new TraceRequest
        {
            Tokens = [.. Enumerable.Range(1, tokens).Select(i => 37 * i % Recipe.Config.VocabSize)],
            MaxRows = rows, KvType = ElementType.Bf16, Policy = new NeverPolicy(), Precision = ProductPrecision.Auto,
        };
        using var reference = SyntheticModel.Create(Recipe, devices.OpenOrSkip(DeviceKind.Cpu));
        using var model = SyntheticModel.Create(Recipe, device);
        var expected = ForwardTrace.Run(reference, request).Logits;
        // What a product on tensor cores reads is off by up to 2^-9 of itself, at random: four products a layer, three layers. So keys and values may
        // round to the neighbours of what they are on the CPU, 2^-8 away.
        var bound = (Math.Sqrt(12) * Math.Pow(2, -9)) + Math.Pow(2, -8);
        Near.RelativeL2(expected, ForwardTrace.Run(model, request).Logits, bound, "logits");
    }

    [Fact]
    public void A_card_runs_no_newer_kernels_than_it_has_and_says_which_it_runs()
    {
        var device = devices.OpenOrSkip(CudaGeneration.Turing);
        Assert.EndsWith(", kernels for Turing", device.Info.Abilities, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => device.Generation = CudaGeneration.Hopper + 1);
        Assert.EndsWith(", portable kernels", devices.OpenOrSkip(CudaGeneration.None).Info.Abilities, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_runs_the_kernels_that_were_asked_for()
    {
        _ = devices.OpenOrSkip(CudaGeneration.Turing);
        var options = new ModelOptions { Device = new DeviceSelector(DeviceKind.Cuda, 0), Kernels = CudaGeneration.Turing };
        using var model = SyntheticModel.Create("qwen3-0.6b", options);
        Assert.Equal(CudaGeneration.Turing, model.Device.Generation);
        Assert.EndsWith(", kernels for Turing", model.Device.Info.Abilities, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernels_are_chosen_on_CUDA_only()
    {
        var options = new ModelOptions { Device = new DeviceSelector(DeviceKind.Cpu, 0), Kernels = CudaGeneration.None };
        var refused = Assert.Throws<UsageException>(() => SyntheticModel.Create("qwen3-0.6b", options));
        Assert.StartsWith("kernels are chosen on CUDA devices only; this device is ", refused.Message, StringComparison.Ordinal);
    }
}
