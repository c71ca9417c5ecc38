namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SessionTests(TestDevices devices) : IDisposable
{
    private readonly TahModel _model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_conversation_runs_only_what_is_new_and_answers_the_same()
    {
        using var session = _model.OpenSession();
        using var conversation = session.OpenConversation();
        var first = Finish(session, session.Start(Greedy(Golden.TinyGreedy()[0].Prompt), conversation));
        int[] next =
        [
            .. Golden.TinyGreedy()[0].Prompt, .. first.Tokens.Select(token => token.Id),
            .. _model.RequireTokenizer().Encode("<|im_end|>\n"), .. Golden.TinyGreedy()[1].Prompt,
        ];
        var second = Finish(session, session.Start(Greedy(next), conversation));

        using var fresh = _model.OpenSession();
        var alone = Finish(fresh, fresh.Start(Greedy(next)));
        Assert.Equal(alone.Tokens.Select(token => (token.Id, token.Iterations)), second.Tokens.Select(token => (token.Id, token.Iterations)));
        Assert.Equal(alone.PromptIterations, second.PromptIterations);
        Assert.Equal(next.Length, alone.Timings.PrefilledTokens);
        // The first answer's last token never ran: its end was chosen from the position before.
        Assert.Equal(next.Length - Golden.TinyGreedy()[0].Prompt.Length - first.Tokens.Count, second.Timings.PrefilledTokens);
    }

    [Fact]
    public void A_conversation_rewinds_to_where_a_prompt_departs()
    {
        using var session = _model.OpenSession();
        using var conversation = session.OpenConversation();
        var problems = Golden.TinyGreedy();
        _ = Finish(session, session.Start(Greedy(problems[0].Prompt), conversation));
        var answer = Finish(session, session.Start(Greedy(problems[1].Prompt), conversation));
        Assert.Equal(problems[1].Answers["decider"].Tokens, answer.Tokens.Select(token => token.Id));
        Assert.Equal(problems[1].Answers["decider"].PromptIterations, answer.PromptIterations);
        conversation.Clear();
        Assert.Equal(0, session.Grid.PagesInUse);
    }

    [Theory, InlineData(1), InlineData(5), InlineData(20)]
    public void An_interrupted_answer_leaves_a_grid_that_can_go_on(int tokensBefore)
    {
        using var session = _model.OpenSession();
        using var conversation = session.OpenConversation();
        var problem = Golden.TinyGreedy()[0];
        var interrupted = session.Start(Greedy(problem.Prompt), conversation);
        using var cancel = new CancellationTokenSource();
        foreach (var _ in session.Stream(interrupted, cancel.Token))
        {
            if (interrupted.Tokens.Count == tokensBefore) cancel.Cancel();
        }
        Assert.Equal(FinishReason.Interrupted, interrupted.FinishReason);
        Assert.Equal(tokensBefore, interrupted.Tokens.Count);
        var again = Finish(session, session.Start(Greedy(problem.Prompt), conversation));
        Assert.Equal(problem.Answers["decider"].Tokens, again.Tokens.Select(token => token.Id));
        Assert.Equal(1, again.Timings.PrefilledTokens);
    }

    [Fact]
    public void Requests_of_different_policies_share_a_batch()
    {
        using var session = _model.OpenSession(new SessionOptions { MaxSequences = 6, ContextLimit = 512, MaxRows = 33 });
        var problems = Golden.TinyGreedy();
        var requests = Enumerable.Range(0, 6).Select(i => Greedy(problems[i].Prompt) with
        {
            Policy = (i % 3) switch { 0 => null, 1 => new NeverPolicy(), _ => new AlwaysPolicy() },
        }).ToArray();
        var answers = session.Answer(requests);
        for (var i = 0; i < 6; i++)
        {
            var golden = problems[i].Answers[(i % 3) switch { 0 => "decider", 1 => "never", _ => "always2" }];
            Assert.Equal(golden.Tokens, answers[i].Tokens.Select(token => token.Id));
            Assert.Equal(golden.Iterations[..golden.Tokens.Length], answers[i].Tokens.Select(token => token.Iterations));
        }
    }

    [Fact]
    public void An_oracle_label_sends_exactly_its_token_on()
    {
        var prompt = Golden.TinyGreedy()[0].Prompt;
        var counts = Enumerable.Range(0, prompt.Length).Select(position => position % 5 == 2 ? 2 : 1).ToArray();
        var trace = ForwardTrace.Run(_model, new TraceRequest { Tokens = prompt, Policy = new LabelPolicy(counts) });
        Assert.Equal(counts, trace.Iterations);
    }

    /// <summary>The one token is drawn before a hard token early in the prompt has had its second pass.</summary>
    [Fact]
    public void An_answer_of_one_token_waits_for_its_prompt()
    {
        var prompt = Golden.TinyGreedy()[0].Prompt;
        var counts = Enumerable.Range(0, prompt.Length).Select(position => position == 1 ? 2 : 1).ToArray();
        using var session = _model.OpenSession(new SessionOptions { MaxSequences = 2 });
        using var conversation = session.OpenConversation();
        var request = Greedy(prompt) with { MaxTokens = 1, Policy = new LabelPolicy(counts) };
        var answer = Finish(session, session.Start(request, conversation));
        Assert.Equal(FinishReason.Length, answer.FinishReason);
        Assert.Single(answer.Tokens);
        Assert.Equal(counts, answer.PromptIterations);
        Assert.Equal([1], conversation.Known.Grid.PositionsAt(1));
        Assert.Single(session.Answer(request with { Prompt = prompt[..^1] })[0].Tokens);
    }

    [Fact]
    public void Sampling_repeats_with_its_seed_and_changes_with_it()
    {
        using var session = _model.OpenSession(new SessionOptions { MaxSequences = 3 });
        GenerationRequest Seeded(long seed) => Greedy(Golden.TinyGreedy()[0].Prompt) with
        {
            Sampling = new SamplingSettings { Temperature = 1.5f, TopK = 0, TopP = 1 }, Seed = seed, MaxTokens = 40,
        };
        var answers = session.Answer(Seeded(1), Seeded(1), Seeded(2));
        Assert.Equal(answers[0].Text, answers[1].Text);
        Assert.NotEqual(answers[0].Text, answers[2].Text);
    }

    [Fact]
    public void A_stop_string_ends_the_answer_before_it()
    {
        using var session = _model.OpenSession();
        var answer = Finish(session, session.Start(Greedy(Golden.TinyGreedy()[0].Prompt) with { StopStrings = ["Then"] }));
        Assert.Equal("<think>\nNow e = 42.\n", answer.Text);
        Assert.Equal(FinishReason.Stop, answer.FinishReason);
    }

    [Fact]
    public void The_context_limit_ends_an_answer()
    {
        var prompt = Golden.TinyGreedy()[0].Prompt;
        using var session = _model.OpenSession(new SessionOptions { ContextLimit = prompt.Length + 4 });
        var answer = Finish(session, session.Start(Greedy(prompt)));
        Assert.Equal(FinishReason.Length, answer.FinishReason);
        Assert.Equal(5, answer.Tokens.Count); // four more positions run, and the last one's logits still choose a token
    }

    [Fact]
    public void Penalties_keep_a_token_from_coming_again()
    {
        using var session = _model.OpenSession();
        var answer = Finish(session, session.Start(Greedy(Golden.TinyGreedy()[0].Prompt) with
        {
            Sampling = SamplingSettings.Greedy with { PresencePenalty = 100 }, MaxTokens = 30, IgnoreEos = true,
        }));
        Assert.Equal(30, answer.Tokens.Select(token => token.Id).Distinct().Count());
    }

    public static TheoryData<string, Action<TahModel>> BadRequests() => new()
    {
        { "the prompt is empty", model => Start(model, request => request with { Prompt = [] }) },
        {
            "token 576 at place 1 of the prompt is out of the vocabulary; ids run from 0 to 575",
            model => Start(model, request => request with { Prompt = [1, 576] })
        },
        { "token -1 at place 0", model => Start(model, request => request with { Prompt = [-1] }) },
        { "the prompt has 3,000 tokens; the context holds 2,048", model => Start(model, request => request with { Prompt = new int[3000] }) },
        { "max-tokens is 0", model => Start(model, request => request with { MaxTokens = 0 }) },
        { "max-iter is 3; this session has room for 1 to 2", model => Start(model, request => request with { MaxIter = 3 }) },
        {
            "temperature NaN is out of range",
            model => Start(model, request => request with { Sampling = new SamplingSettings { Temperature = float.NaN } })
        },
        { "top-p 0 is out of range", model => Start(model, request => request with { Sampling = new SamplingSettings { TopP = 0 } }) },
        { "the threshold must be between 0 and 1", model => Start(model, request => request with { Policy = new LearnedPolicy(1.5f) }) },
        { "a context of 4,096 cannot be had", model => model.OpenSession(new SessionOptions { ContextLimit = 4096 }) },
    };

    [Theory, MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public void A_request_that_cannot_be_is_refused_in_one_sentence(string part, Action<TahModel> attempt) =>
        Assert.Contains(part, Assert.Throws<UsageException>(() => attempt(_model)).Message, StringComparison.Ordinal);

    private static void Start(TahModel model, Func<GenerationRequest, GenerationRequest> change)
    {
        using var session = model.OpenSession();
        _ = session.Start(change(Greedy([1, 2, 3])));
    }

    private static GenerationRequest Greedy(IReadOnlyList<int> prompt) =>
        new() { Prompt = prompt, MaxTokens = 400, Sampling = SamplingSettings.Greedy };

    private static Completion Finish(Session session, Completion completion)
    {
        foreach (var _ in session.Stream(completion)) { }
        return completion;
    }
}
