namespace TaH.Tests;

/// <summary>With <see cref="GenerationRequest.Overlap"/> an answer is the same, token by token.</summary>
[Collection(DeviceCollection.Name)]
public class OverlapTests(TestDevices devices)
{
    // On CUDA and OpenCL one session of many sequences; the CPU runs them one by one, too, so that a guess is the only company of a row.
    public static TheoryData<DeviceKind, int> Places() =>
        new() { { DeviceKind.Cpu, 1 }, { DeviceKind.Cpu, 16 }, { DeviceKind.OpenCl, 16 }, { DeviceKind.Cuda, 16 } };

    [Theory, MemberData(nameof(Places))]
    public void Greedy_answers_are_the_same(DeviceKind kind, int sequences)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        GenerationRequest[] requests = [.. Golden.TinyGreedy().Select(problem => new GenerationRequest
        {
            Prompt = problem.Prompt, MaxTokens = 150, Sampling = SamplingSettings.Greedy,
        })];
        var (made, held) = Compare(model, sequences, requests);
        Assert.InRange(held, 1, made - 1); // some guesses hold and some do not, or the test says little
    }

    [Theory, MemberData(nameof(Places))]
    public void Sampled_answers_are_the_same(DeviceKind kind, int sequences)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, kind);
        var problems = Golden.TinyGreedy();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 20).Select(i => new GenerationRequest
        {
            Prompt = problems[i].Prompt, MaxTokens = 100, IgnoreEos = true, Seed = i,
            Sampling = new SamplingSettings
            {
                Temperature = 1.2f, TopK = i % 2 == 0 ? 20 : 0, TopP = 0.95f, RepetitionPenalty = i % 3 == 0 ? 1.1f : 1,
            },
        })];
        var (made, held) = Compare(model, sequences, requests);
        Assert.InRange(held, 1, made - 1);
    }

    [Theory, InlineData(0.5), InlineData(1)]
    public void Guesses_follow_each_other_where_most_tokens_are_hard(double rate)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        GenerationRequest[] requests = [.. Golden.TinyGreedy().Take(4).Select(problem => new GenerationRequest
        {
            Prompt = problem.Prompt, MaxTokens = 40, IgnoreEos = true, Sampling = SamplingSettings.Greedy, Policy = new ContinueRatePolicy(rate, 0.5),
        })];
        var (made, _) = Compare(model, sequences: 2, requests);
        Assert.True(made >= 4 * 40 * rate * 0.4, $"{made} guesses");
    }

    [Fact]
    public void A_guess_at_the_end_of_the_context_is_not_made()
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        var prompt = Golden.TinyGreedy()[0].Prompt;
        var request = new GenerationRequest { Prompt = prompt, IgnoreEos = true, Sampling = SamplingSettings.Greedy, Policy = new AlwaysPolicy() };
        var answers = new List<int[]>();
        foreach (var overlap in (bool[])[false, true])
        {
            using var session = model.OpenSession(new SessionOptions { ContextLimit = prompt.Length + 9 });
            var answer = session.Answer(request with { Overlap = overlap })[0];
            Assert.Equal(FinishReason.Length, answer.FinishReason);
            answers.Add([.. answer.Tokens.Select(token => token.Id)]);
        }
        Assert.Equal(answers[0], answers[1]);
    }

    [Theory, InlineData(3), InlineData(4), InlineData(5)]
    public void An_interrupted_answer_leaves_a_grid_that_can_go_on(int tokensBefore)
    {
        using var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        using var session = model.OpenSession();
        using var conversation = session.OpenConversation();
        var request = new GenerationRequest
        {
            Prompt = Golden.TinyGreedy()[0].Prompt, MaxTokens = 20, Sampling = SamplingSettings.Greedy,
            Policy = new ContinueRatePolicy(0.5, 0.5), Overlap = true,
        };
        var interrupted = session.Start(request, conversation);
        using var cancel = new CancellationTokenSource();
        foreach (var _ in session.Stream(interrupted, cancel.Token))
        {
            if (interrupted.Tokens.Count == tokensBefore) cancel.Cancel();
        }
        var again = session.Start(request, conversation);
        foreach (var _ in session.Stream(again, TestContext.Current.CancellationToken)) { }
        using var fresh = model.OpenSession();
        var alone = fresh.Answer(request with { Overlap = false })[0];
        Assert.Equal(alone.Tokens.Select(token => (token.Id, token.Iterations)), again.Tokens.Select(token => (token.Id, token.Iterations)));
        conversation.Clear();
        Assert.Equal(0, session.Grid.PagesInUse);
    }

    private static (int Made, int Held) Compare(TahModel model, int sequences, GenerationRequest[] requests)
    {
        var options = new SessionOptions { Precision = ProductPrecision.F32, KvType = ElementType.F32, MaxSequences = sequences, ContextLimit = 512 };
        using var session = model.OpenSession(options);
        var plain = session.Answer(requests);
        var overlapped = session.Answer([.. requests.Select(request => request with { Overlap = true })]);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(
                plain[i].Tokens.Select(token => (token.Id, token.Iterations, token.Text)),
                overlapped[i].Tokens.Select(token => (token.Id, token.Iterations, token.Text)));
            Assert.Equal(plain[i].PromptIterations, overlapped[i].PromptIterations);
            Assert.Equal(plain[i].FinishReason, overlapped[i].FinishReason);
            Assert.Equal((0, 0), plain[i].Guesses);
        }
        Assert.Equal(0, session.Grid.PagesInUse);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{overlapped.Sum(answer => answer.Guesses.Held)} of {overlapped.Sum(answer => answer.Guesses.Made)} guesses held");
        return (overlapped.Sum(answer => answer.Guesses.Made), overlapped.Sum(answer => answer.Guesses.Held));
    }
}
