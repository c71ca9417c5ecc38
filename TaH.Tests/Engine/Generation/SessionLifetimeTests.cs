namespace TaH.Tests;

/// <summary>Mistakes in using the library end in an exception that says what is wrong, and what is left can go on.</summary>
[Collection(DeviceCollection.Name)]
public class SessionLifetimeTests(TestDevices devices) : IDisposable
{
    private readonly TahModel _model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_conversation_that_was_disposed_of_is_refused()
    {
        using var session = _model.OpenSession();
        var conversation = session.OpenConversation();
        conversation.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Start(Request(), conversation));
    }

    [Fact]
    public void A_conversation_of_another_session_is_refused()
    {
        using Session session = _model.OpenSession(), other = _model.OpenSession();
        using var conversation = other.OpenConversation();
        var refused = Assert.Throws<UsageException>(() => session.Start(Request(), conversation));
        Assert.Contains("another session", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_has_one_answer_at_a_time()
    {
        using var session = _model.OpenSession();
        using var conversation = session.OpenConversation();
        var first = session.Start(Request(), conversation);
        Assert.Contains("in progress", Assert.Throws<UsageException>(() => session.Start(Request(), conversation)).Message, StringComparison.Ordinal);
        first.Dispose();
        Assert.Equal(FinishReason.Interrupted, first.FinishReason);
        Assert.Equal(Golden.TinyGreedy()[0].Answers["decider"].Tokens, Ids(session, session.Start(Request(), conversation)));
    }

    [Fact]
    public void A_disposed_session_or_model_says_so()
    {
        var model = devices.LoadOrSkip(Golden.TinyModel, DeviceKind.Cpu);
        var session = model.OpenSession();
        var answer = session.Start(Request());
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Start(Request()));
        Assert.Throws<ObjectDisposedException>(() => session.OpenConversation());
        Assert.Throws<ObjectDisposedException>(() => Ids(session, answer));
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.OpenSession());
    }

    [Fact]
    public void Two_streams_at_once_are_refused_and_the_first_goes_on()
    {
        using var session = _model.OpenSession(new SessionOptions { MaxSequences = 2 });
        Completion first = session.Start(Request()), second = session.Start(Request());
        using var stream = session.Stream(first, TestContext.Current.CancellationToken).GetEnumerator();
        Assert.True(stream.MoveNext());
        Assert.Throws<InvalidOperationException>(() => Ids(session, second));
        while (stream.MoveNext()) { }
        Assert.Equal(Golden.TinyGreedy()[0].Answers["decider"].Tokens, first.Tokens.Select(token => token.Id));
        Assert.Equal(first.Tokens.Select(token => token.Id), Ids(session, second));
    }

    [Fact]
    public void An_answer_that_is_given_up_gives_its_place_back()
    {
        using var session = _model.OpenSession();
        session.Start(Request()).Dispose();
        Assert.Throws<UsageException>(() => session.Start(Request() with { StopStrings = [""] }));
        foreach (var _ in session.Stream(session.Start(Request()), TestContext.Current.CancellationToken)) break; // leaving the loop gives it up, too
        Assert.Equal(0, session.Grid.PagesInUse);
        Assert.Equal(Golden.TinyGreedy()[0].Answers["decider"].Tokens, Ids(session, session.Start(Request())));
    }

    [Theory, InlineData(0), InlineData(30), InlineData(60)]
    public void A_pass_that_fails_leaves_nothing_behind_that_was_not_computed(int failAt)
    {
        using var session = _model.OpenSession(new SessionOptions { MaxRows = 7 });
        using var conversation = session.OpenConversation();
        var failing = session.Start(Request() with { Policy = new FailingPolicy(failAt) }, conversation);
        Assert.Throws<TimeoutException>(() => Ids(session, failing));
        Assert.Equal(FinishReason.Interrupted, failing.FinishReason);
        Assert.True(conversation.Length <= failAt);
        var prompt = Golden.TinyGreedy()[0];
        Assert.Equal(prompt.Answers["never"].Tokens, Ids(session, session.Start(Request() with { Policy = new NeverPolicy() }, conversation)));
    }

    [Fact]
    public void More_sequences_than_rows_all_come_to_their_end()
    {
        using var session = _model.OpenSession(new SessionOptions { MaxSequences = 8, MaxRows = 3, ContextLimit = 512 });
        var problems = Golden.TinyGreedy().Take(8).ToArray();
        var answers = session.Answer([.. problems.Select(problem => Request() with { Prompt = problem.Prompt, MaxTokens = 30 })]);
        for (var i = 0; i < 8; i++) Assert.Equal(problems[i].Answers["decider"].Tokens.Take(30), answers[i].Tokens.Select(token => token.Id));
    }

    private static GenerationRequest Request() =>
        new() { Prompt = Golden.TinyGreedy()[0].Prompt, MaxTokens = 150, Sampling = SamplingSettings.Greedy };

    private static int[] Ids(Session session, Completion completion) => [.. session.Stream(completion).Select(token => token.Id)];

    private sealed class FailingPolicy(int position) : IterationPolicy
    {
        public override bool NeedsDecider => false;

        public override bool MayGoOn(int at, int depth) => true;

        public override bool GoesOn(int at, int depth, float deciderLogit) => at < position ? false : throw new TimeoutException("as asked");
    }
}
