namespace TaH.Tests;

/// <summary>bfloat16 and half precision against the golden answers, wherever rounding cannot decide.</summary>
[Collection(DeviceCollection.Name)]
public class LowPrecisionTests(TestDevices devices)
{
    public static TheoryData<DeviceKind, ElementType> KvCases()
    {
        var cases = new TheoryData<DeviceKind, ElementType>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        foreach (var type in (ElementType[])[ElementType.Bf16, ElementType.F16])
            cases.Add(kind, type);
        return cases;
    }

    public static TheoryData<string, DeviceKind> ParityCases() => ParityPrefillTests.Cases();

    // An entry is rounded by at most 2^-9 (bfloat16) or 2^-12 (half) of itself. Entries err independently and attention averages over them, so logits
    // err by less than one entry does.
    [Theory, MemberData(nameof(KvCases))]
    public void Rounded_entries_move_logits_by_less_than_their_rounding(DeviceKind kind, ElementType type)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        var golden = Golden.TinyTeacher();
        for (var problem = 0; problem < 4; problem++)
        {
            var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = golden[$"p{problem}.input_ids"].Ints, KvType = type });
            Assert.Equal(golden[$"p{problem}.iter_count"].Ints, trace.Iterations);
            var rounding = Math.Pow(2, type == ElementType.Bf16 ? -9 : -12);
            Near.RelativeL2(golden[$"p{problem}.logits"].Floats, trace.Logits, rounding, $"problem {problem}");
        }
    }

    // 0.15: twice the largest change of a logit that bfloat16 entries make in the teacher-forced problems (0.07). 0.01: that of a probability,
    // 0.04 / 4.
    [Theory, MemberData(nameof(KvCases))]
    public void Answers_with_a_margin_are_the_same(DeviceKind kind, ElementType type)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        using var session = model.OpenSession(new SessionOptions
        {
            Precision = ProductPrecision.F32, KvType = type, MaxSequences = 40, ContextLimit = 512,
        });
        var clear = Golden.TinyGreedy().Select(problem => (problem.Prompt, Golden: problem.Answers["decider"]))
            .Where(problem => problem.Golden is { TopMargin: >= 0.15f, ThresholdMargin: >= 0.01f }).ToArray();
        Assert.True(clear.Length >= 8, $"only {clear.Length} problems have a margin");
        var answers = session.Answer([.. clear.Select(problem => Request(problem.Prompt, maxTokens: 150))]);
        for (var i = 0; i < clear.Length; i++) Assert.Equal(clear[i].Golden.Tokens, answers[i].Tokens.Select(token => token.Id));
    }

    // The official run rounds every activation to bfloat16; logits between 8 and 16 then stand 1/16 apart. Nearer than three such steps the order of
    // two tokens is a matter of rounding, and what follows is another text.
    [Theory, MemberData(nameof(ParityCases))]
    public void A_bfloat16_checkpoint_answers_like_the_official_bfloat16_run(string fixture, DeviceKind kind)
    {
        using var checkpoint = new Bf16Checkpoint(Golden.ParityCheckpoint(fixture));
        using var model = devices.LoadOrSkip(checkpoint.Path, kind);
        using var session = model.OpenSession(new SessionOptions { Precision = ProductPrecision.F32, KvType = ElementType.Bf16 });
        var golden = Golden.Parity(fixture, "bf16");
        int[] tokens = golden["greedy.tokens"].Ints, clear = [.. tokens.Where((_, step) => MarginsAreClearUpTo(golden, step, tokens.Length))];
        Assert.True(clear.Length >= 2, "no token of this fixture has a margin");
        var answer = session.Answer(Request(golden["input_ids"].Ints, clear.Length) with { IgnoreEos = true })[0];
        Assert.Equal(clear, answer.Tokens.Select(token => token.Id));
    }

    private static bool MarginsAreClearUpTo(GoldenTensors golden, int step, int steps)
    {
        var logits = golden["greedy.logits"].Floats;
        var vocab = logits.Length / (steps + 1);
        return Enumerable.Range(0, step + 1).All(earlier =>
        {
            var largest = logits[(earlier * vocab)..((earlier + 1) * vocab)].OrderDescending().Take(2).ToArray();
            return largest[0] - largest[1] >= 3f / 16;
        });
    }

    private static GenerationRequest Request(IReadOnlyList<int> prompt, int maxTokens) =>
        new() { Prompt = prompt, MaxTokens = maxTokens, Sampling = SamplingSettings.Greedy };
}
