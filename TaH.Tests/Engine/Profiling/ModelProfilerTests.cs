namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class ModelProfilerTests(TestDevices devices)
{
    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Phases_hold_the_passes_of_the_plan(DeviceKind kind)
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(kind));
        var profile = Run(model, new ProfilePlan
        {
            PromptLength = 20, Tokens = 4, Depth = 8, Repetitions = 1, Session = new SessionOptions { MaxRows = 8 },
        });
        Assert.Equal(["prefill", "decode"], profile.Phases.Select(phase => phase.Name));
        var (prefill, decode) = (profile.Phases[0], profile.Phases[1]);
        Assert.Equal([8, 8, 4], prefill.Passes.Select(pass => pass.Pass.Rows));
        Assert.Equal([1, 1, 1, 1], decode.Passes.Select(pass => pass.Pass.Rows));
        Assert.Equal([29, 30, 31, 32], decode.Passes.Select(pass => pass.Pass.Context));
        Assert.Equal((20, 4), (prefill.Tokens, decode.Tokens));
        Assert.All(profile.Phases, phase => Assert.True(phase.PlainSeconds > 0 && phase.Busy > 0 && phase.Busy <= phase.Span));
        Assert.Contains(decode.Kernels, kernel => kernel is { Operation: nameof(DuoCausalAttention), Stage: "attend", Calls: 12 });
    }

    /// <summary>
    /// All weights of the layers and the head are read once in a pass: what the kernels say is what the account of the whole pass says.
    /// </summary>
    [Fact]
    public void The_kernels_bytes_and_operations_are_those_of_the_pass()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var decode = Run(model, new ProfilePlan { Tokens = 3, Depth = 40, Repetitions = 1 }).Phases.Single();
        long bytes = decode.Kernels.Sum(kernel => kernel.Bytes), least = decode.Least.Sum(cost => cost.Bytes);
        Assert.InRange(bytes, least, 1.5 * least); // activations are small beside weights, even here
        long flops = decode.Kernels.Sum(kernel => kernel.Flops), products = decode.Least.Sum(cost => cost.Flops);
        Assert.InRange(flops, products, 1.2 * products); // norms and activations
    }

    [Fact]
    public void Deeper_passes_of_a_prompt_belong_to_the_prefill()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var profile = Run(model, new ProfilePlan { PromptLength = 12, Tokens = 4, ContinueRate = 0.5, Repetitions = 1 });
        Assert.All(profile.Phases[1].Passes, pass => Assert.Equal(1, pass.Pass.Rows));
        Assert.Equal(6, profile.Phases[0].Passes.Sum(pass => pass.Pass.DeepRows));
        Assert.Contains(profile.Phases[1].Passes, pass => pass.Kind(batch: 1) == "second pass");
    }

    [Fact]
    public void A_batch_decodes_together()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var decode = Run(model, new ProfilePlan { Tokens = 3, Batch = 5, Repetitions = 1 }).Phases.Single();
        Assert.Equal([5, 5, 5], decode.Passes.Select(pass => pass.Pass.Rows));
        Assert.Equal(15, decode.Tokens);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_profiler_changes_no_token(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, device);
        using var session = model.OpenSession(new SessionOptions { ContextLimit = 64 });
        var request = new GenerationRequest
        {
            Prompt = [1, 2, 3], MaxTokens = 12, IgnoreEos = true, Seed = 7, Policy = new ContinueRatePolicy(0.5, 0.5),
        };
        var plain = session.Answer(request)[0].Tokens.Select(token => token.Id).ToArray();
        using var profiler = KernelProfiler.Attach(device);
        Assert.Equal(plain, session.Answer(request)[0].Tokens.Select(token => token.Id));
        Assert.NotEmpty(profiler.Take().Runs);
    }

    [Fact]
    public void What_the_model_cannot_do_is_refused()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        string Refused(ProfilePlan plan) => Assert.Throws<UsageException>(() => Run(model, plan)).Message;
        Assert.Equal("there is nothing to profile", Refused(new ProfilePlan { Tokens = 0 }));
        Assert.Equal("a batch has 1 sequence or more, not 0", Refused(new ProfilePlan { Batch = 0 }));
        Assert.Equal("a continue rate is from 0 to 1, not 7", Refused(new ProfilePlan { ContinueRate = 7 }));
        Assert.Equal("token 600 of the prompt is out of the vocabulary", Refused(new ProfilePlan { Prompt = [5, 600] }));
        Assert.Equal("qwen3-tiny has 512 positions; a context of 517 cannot be had", Refused(new ProfilePlan { Depth = 500 }));
        Assert.Null(model.Device.Profiler);
    }

    private static ModelProfile Run(TahModel model, ProfilePlan plan) =>
        new ModelProfiler(model, plan).Run(ProfileData.Ceilings, TestContext.Current.CancellationToken);
}
