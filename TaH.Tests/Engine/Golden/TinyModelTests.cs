namespace TaH.Tests;

/// <summary>The shipped model against the official code: teacher-forced logits and greedy answers to 40 held-out problems.</summary>
[Collection(DeviceCollection.Name)]
public class TinyModelTests(TestDevices devices)
{
    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    public static TheoryData<CudaGeneration> Generations() => [.. Enum.GetValues<CudaGeneration>()];

    public static TheoryData<DeviceKind, string> Policies()
    {
        var cases = new TheoryData<DeviceKind, string>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        foreach (var policy in (string[])["decider", "never", "always2"])
            cases.Add(kind, policy);
        return cases;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Teacher_forced_logits_equal_the_official_ones(DeviceKind kind) => CompareForced(devices.OpenOrSkip(kind));

    [Theory, MemberData(nameof(Generations))]
    public void Teacher_forced_logits_of_each_generation_equal_the_official_ones(CudaGeneration generation) =>
        CompareForced(devices.OpenOrSkip(generation));

    private static void CompareForced(ComputeDevice device)
    {
        using var model = TahModel.Load(Golden.TinyModel, device);
        var golden = Golden.TinyTeacher();
        for (var problem = 0; problem < 4; problem++)
        {
            var tokens = golden[$"p{problem}.input_ids"].Ints;
            var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = tokens, KvType = ElementType.F32 });
            Assert.Equal(golden[$"p{problem}.iter_count"].Ints, trace.Iterations);
            Near.RelativeL2(golden[$"p{problem}.logits"].Floats, trace.Logits, Golden.Forward, $"logits of problem {problem}");
            Near.RelativeL2(golden[$"p{problem}.decider_logits"].Floats, trace.DeciderLogits[0], Golden.Forward, $"decider of problem {problem}");
            if (problem > 0) continue; // the plain model was run on the first problem only
            var plain = ForwardTrace.Run(model, new TraceRequest { Tokens = tokens, Policy = new NeverPolicy(), KvType = ElementType.F32 });
            Near.RelativeL2(golden[$"p{problem}.plain_hf_logits"].Floats, plain.Logits, Golden.Forward, $"plain logits of problem {problem}");
        }
    }

    [Theory, MemberData(nameof(Policies))]
    public void Greedy_answers_equal_the_official_ones(DeviceKind kind, string policy) => CompareAnswers(devices.OpenOrSkip(kind), policy);

    [Theory, MemberData(nameof(Generations))]
    public void Greedy_answers_of_each_generation_equal_the_official_ones(CudaGeneration generation) =>
        CompareAnswers(devices.OpenOrSkip(generation), "decider");

    private static void CompareAnswers(ComputeDevice device, string policy)
    {
        using var model = TahModel.Load(Golden.TinyModel, device);
        // Fewer sequences at a time than problems, so that answers end and begin beside others.
        using var session = model.OpenSession(new SessionOptions
        {
            Precision = ProductPrecision.F32, KvType = ElementType.F32, MaxSequences = 16, ContextLimit = 512,
        });
        var problems = Golden.TinyGreedy();
        var answers = session.Answer([.. problems.Select(problem => Request(problem, policy))]);
        for (var i = 0; i < problems.Count; i++) Compare(problems[i].Answers[policy], answers[i]);
        Assert.Equal(0, session.Grid.PagesInUse);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void One_by_one_gives_the_same_answers(DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        using var session = model.OpenSession(new SessionOptions { Precision = ProductPrecision.F32, KvType = ElementType.F32, ContextLimit = 512 });
        foreach (var problem in Golden.TinyGreedy().Take(4)) Compare(problem.Answers["decider"], session.Answer(Request(problem, "decider"))[0]);
    }

    private static GenerationRequest Request(GreedyProblem problem, string policy) => new()
    {
        Prompt = problem.Prompt,
        MaxTokens = 150, // of the official run; always-2 often never ends
        Sampling = SamplingSettings.Greedy,
        Policy = policy switch { "never" => new NeverPolicy(), "always2" => new AlwaysPolicy(), _ => null },
    };

    private static void Compare(GreedyAnswer golden, Completion answer)
    {
        Assert.Equal(golden.Tokens, answer.Tokens.Select(token => token.Id));
        Assert.Equal(golden.PromptIterations, answer.PromptIterations);
        Assert.Equal(golden.Tokens.Length == 150 ? FinishReason.Length : FinishReason.Stop, answer.FinishReason);
        Assert.Equal(golden.Iterations[..golden.Tokens.Length], answer.Tokens.Select(token => token.Iterations));
        Assert.Equal(golden.Text, answer.Text);
        if (golden.ContinueProbabilities is not { } probabilities) return;
        // Written with seven decimals; 1e-4 relative on the logit is at most 1e-4 * |z| / 4 on the probability.
        for (var i = 0; i < answer.Tokens.Count; i++)
            Assert.Equal(probabilities[i], answer.Tokens[i].ContinueProbability ?? float.NaN, tolerance: 1e-3f);
    }
}
