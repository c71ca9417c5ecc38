using System.Diagnostics;

namespace TaH.Engine;

/// <summary>The sequences of a batch, each with its context in the grid, on which tests run again and again.</summary>
internal sealed class BenchmarkStage : IDisposable
{
    private readonly Session _session;
    private readonly IterationPolicy[] _policies;
    private readonly Conversation[] _sequences;
    private readonly TokenCost _cost;
    private readonly int[][] _tokens;
    private readonly int? _maxIter;
    private readonly bool _overlap;

    /// <summary>Opens the sequences.</summary>
    /// <param name="model">The model.</param>
    /// <param name="session">Where they run.</param>
    /// <param name="policies">[sequences] who decides about second passes.</param>
    /// <param name="maxIter">Passes that a token may take; null for the model's.</param>
    /// <param name="overlap">Whether the token behind a hard one is guessed.</param>
    public BenchmarkStage(TahModel model, Session session, IterationPolicy[] policies, int? maxIter, bool overlap = false)
    {
        (_session, _policies, _maxIter, _overlap) = (session, policies, maxIter, overlap);
        _cost = new TokenCost(model.Weights, model.SoftTopK, session.Grid.Shape);
        _sequences = [.. policies.Select(_ => session.OpenConversation())];
        _tokens = [.. policies.Select((_, sequence) => RandomTokens(sequence, session.Grid.ContextLimit, model.Config.VocabSize))];
    }

    /// <summary>Sequences that run together.</summary>
    public int Batch => _sequences.Length;

    /// <summary>Brings every sequence's context to a length.</summary>
    public void Prepare(int depth, CancellationToken cancellation)
    {
        Truncate(depth);
        if (depth <= _sequences[0].Length) return;
        // Where nobody goes on, the grid is the same without the decider, and sooner there.
        Finish(Start(depth, answer: 1, policy => policy is ContinueRatePolicy { Rate: 0 } ? new NeverPolicy() : policy), cancellation);
    }

    /// <summary>Runs a test once.</summary>
    /// <param name="test">The test; the context must be as it says.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="passRan">Told of each pass.</param>
    /// <returns>How long it took, from the first pass to the last token on the host.</returns>
    public TimeSpan Run(BenchmarkTest test, CancellationToken cancellation, Action<Cost, PassRows>? passRan = null)
    {
        var (prompt, answer) = test.Kind == BenchmarkKind.Prefill ? (test.Tokens, 1) : (1, test.Tokens);
        return Run(test.Depth, prompt, answer, cancellation, passRan).Total;
    }

    /// <summary>Lets every sequence answer a prompt once.</summary>
    /// <param name="depth">Positions of the context, which must be there.</param>
    /// <param name="prompt">Tokens that follow it.</param>
    /// <param name="answer">Tokens to draw.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="passRan">Told of each pass.</param>
    /// <returns>The end and, for who wants to be told of passes, when each token was on the host: so many looks at the clock take time.</returns>
    public StageTimes Run(
        int depth, int prompt, int answer, CancellationToken cancellation, Action<Cost, PassRows>? passRan = null)
    {
        Truncate(depth);
        var completions = Start(depth + prompt, answer, policy => policy);
        var passes = new List<TimeSpan>();
        var start = Stopwatch.GetTimestamp();
        _session.PassRan = passRan is null ? null : rows =>
        {
            passes.Add(Stopwatch.GetElapsedTime(start));
            passRan(_cost.Of(rows), rows);
        };
        var tokens = new List<TimeSpan>(answer * completions.Length);
        foreach (var _ in _session.Stream(completions, cancellation))
        {
            if (passRan is not null) tokens.Add(Stopwatch.GetElapsedTime(start));
        }
        var total = Stopwatch.GetElapsedTime(start);
        _session.PassRan = null;
        return new StageTimes(tokens, passes, total);
    }

    /// <summary>Puts tokens in the place of random ones, from a position on, in every sequence.</summary>
    public void Place(int depth, ReadOnlySpan<int> prompt)
    {
        foreach (var tokens in _tokens) prompt.CopyTo(tokens.AsSpan(depth));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sequence in _sequences) sequence.Dispose();
    }

    private void Truncate(int depth)
    {
        foreach (var sequence in _sequences) sequence.Known.TruncateFrom(depth);
    }

    private Completion[] Start(int prompt, int answer, Func<IterationPolicy, IterationPolicy> policyFor) => [.. _sequences.Select((sequence, i) =>
    {
        var request = new GenerationRequest { Prompt = new ArraySegment<int>(_tokens[i], 0, prompt), MaxTokens = answer, IgnoreEos = true, Seed = i };
        return _session.Start(request with { Policy = policyFor(_policies[i]), MaxIter = _maxIter, Overlap = _overlap }, sequence);
    })];

    private void Finish(Completion[] completions, CancellationToken cancellation)
    {
        foreach (var _ in _session.Stream(completions, cancellation)) { }
    }

    private static int[] RandomTokens(int seed, int count, int vocab)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocab))];
    }
}
