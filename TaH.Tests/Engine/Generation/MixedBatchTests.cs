namespace TaH.Tests;

/// <summary>Many requests of every kind as one batch give what each gives alone.</summary>
[Collection(DeviceCollection.Name)]
public class MixedBatchTests(TestDevices devices)
{
    private const int Count = 64;

    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Sixty_four_together_answer_as_one_by_one(DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        var problems = Golden.TinyGreedy();
        GenerationRequest[] requests = [.. Enumerable.Range(0, Count).Select(i => Request(problems[i % problems.Count].Prompt, i))];
        var together = Answer(model, sequences: Count, requests);
        // One by one is slow where a pass costs much beside its rows: there every eighth.
        var step = kind == DeviceKind.Cpu ? 1 : 8;
        var alone = Answer(model, sequences: 1, [.. requests.Where((_, i) => i % step == 0)]);
        for (var i = 0; i < alone.Count; i++)
        {
            Assert.Equal(
                alone[i].Tokens.Select(token => (token.Id, token.Iterations)),
                together[i * step].Tokens.Select(token => (token.Id, token.Iterations)));
            Assert.Equal(alone[i].PromptIterations, together[i * step].PromptIterations);
        }
    }

    /// <summary>On CUDA a profiler makes every pass run launch by launch; without one, passes of a kind are recorded and replayed.</summary>
    [Fact]
    public void Replayed_passes_answer_as_plain_launches()
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cuda);
        var problems = Golden.TinyGreedy();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Request(problems[i].Prompt, i))];
        var replayed = Answer(model, sequences: 8, requests);
        IReadOnlyList<Completion> plain;
        using (KernelProfiler.Attach(model.Device)) plain = Answer(model, sequences: 8, requests);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(
                plain[i].Tokens.Select(token => (token.Id, token.ContinueProbability)),
                replayed[i].Tokens.Select(token => (token.Id, token.ContinueProbability)));
        }
    }

    private static IReadOnlyList<Completion> Answer(TahModel model, int sequences, GenerationRequest[] requests)
    {
        using var session = model.OpenSession(
            new SessionOptions { Precision = ProductPrecision.F32, KvType = ElementType.F32, MaxSequences = sequences, ContextLimit = 512 });
        var answers = session.Answer(requests);
        Assert.Equal(0, session.Grid.PagesInUse);
        return answers;
    }

    private static GenerationRequest Request(IReadOnlyList<int> prompt, int i) => new()
    {
        Prompt = prompt, MaxTokens = 12 + (i % 7), Seed = i, IgnoreEos = i % 4 == 0, Overlap = i % 5 == 0,
        Sampling = (i % 3) switch
        {
            0 => SamplingSettings.Greedy,
            1 => new SamplingSettings { Temperature = 0.6f, TopK = 20, TopP = 0.95f },
            _ => new SamplingSettings { Temperature = 1, TopK = 0, TopP = 1, RepetitionPenalty = 1.1f },
        },
        Policy = (i % 4) switch { 0 => null, 1 => new NeverPolicy(), 2 => new AlwaysPolicy(), _ => new ContinueRatePolicy(0.3, 0.5) },
    };
}
