namespace TaH.Engine;

/// <summary>
/// An answer as it is made: its tokens so far and, in the end, why it ended. Disposing of an unfinished one interrupts it and frees its place in the
/// grid.
/// </summary>
public sealed class Completion : IDisposable
{
    private readonly Session _session;
    private readonly GenerationRequest _request;
    private readonly SamplingSettings _sampling;
    private readonly IReadOnlySet<int> _endTokens;
    private readonly KnownSequence _known;
    private readonly bool _ownsSequence;
    private readonly AnswerText _answer;
    private readonly TokenHistory? _history;
    private readonly SeededUniform _uniform;
    private readonly List<GeneratedToken> _tokens = [];
    private readonly int[] _promptIterations;
    private FinishReason? _ending;

    internal Completion(
        Session session, GenerationRequest request, SamplingSettings sampling, IReadOnlySet<int> endTokens, StreamingDecoder? decoder,
        KnownSequence known, bool ownsSequence, IterationPolicy policy, int maxIter)
    {
        _session = session;
        (_request, _sampling, _endTokens, _known, _ownsSequence) = (request, sampling, endTokens, known, ownsSequence);
        _answer = new AnswerText(decoder, request.StopStrings);
        _history = sampling.HasPenalties ? new TokenHistory(request.Prompt) : null;
        _uniform = new SeededUniform(request.Seed);
        Run = new SequenceRun(known.Grid, policy, maxIter) { Draw = SampleAt, Overlaps = request.Overlap };
        var rest = known.Rewind(request.Prompt);
        Run.Feed(rest);
        _promptIterations = new int[request.Prompt.Count];
        Timings = new GenerationTimings { PrefilledTokens = rest.Length };
    }

    /// <summary>Passes that each prompt position took; 0 until it has run.</summary>
    public IReadOnlyList<int> PromptIterations => _promptIterations;

    /// <summary>The tokens so far. The end-of-text token is not among them.</summary>
    public IReadOnlyList<GeneratedToken> Tokens => _tokens;

    /// <summary>The answer so far; null for a model without a tokenizer.</summary>
    public string? Text => _answer.Text;

    /// <summary>Text that was still held back when the answer ended, and so belongs to no token.</summary>
    public string TrailingText { get; private set; } = string.Empty;

    /// <summary>Why the answer ended; null while it goes on.</summary>
    public FinishReason? FinishReason { get; private set; }

    /// <summary>Passes for a token of the answer, on average; null for none.</summary>
    public double? AverageIterations => _tokens.Count == 0 ? null : _tokens.Average(token => token.Iterations);

    /// <summary>Tokens that were guessed behind hard ones, and how many of them were right; see <see cref="GenerationRequest.Overlap"/>.</summary>
    public (int Made, int Held) Guesses => (Run.Guesses, Run.GuessesHeld);

    /// <summary>How long it took.</summary>
    public GenerationTimings Timings { get; }

    internal SequenceRun Run { get; }

    /// <summary>Which of the requests of a batch it answers.</summary>
    internal int Number { get; set; }

    /// <summary>Whether no further token will come.</summary>
    internal bool IsEnding => _ending is not null;

    /// <inheritdoc/>
    public void Dispose() => _session.Abandon(this);

    /// <summary>How the token after the given position is to be drawn.</summary>
    internal SampleRequest SampleAt(int slot) => new(
        slot, _sampling.Temperature, _sampling.TopK, _sampling.TopP, _sampling.MinP, _uniform.At(_tokens.Count), _history?.With(_sampling));

    /// <summary>Notes that a position has had its passes.</summary>
    internal void Note(FinishedPosition position)
    {
        _known.Finish(position.Position, position.Iterations);
        if (position.Position < _promptIterations.Length) _promptIterations[position.Position] = position.Iterations;
    }

    /// <summary>Takes the token that a position's logits chose.</summary>
    /// <param name="position">The position.</param>
    /// <param name="token">The token.</param>
    /// <param name="now">When the pass was over, see <see cref="GenerationTimings.CountToken"/>.</param>
    /// <returns>The token of the answer; null where the model ended it.</returns>
    internal GeneratedToken? Accept(FinishedPosition position, int token, long now)
    {
        if (_tokens.Count == 0) NotePromptKnownBefore();
        if (!_request.IgnoreEos && _endTokens.Contains(token))
        {
            _ending = TaH.Engine.FinishReason.Stop;
            return null;
        }
        Timings.CountToken(now);
        _history?.AddGenerated(token);
        float? probability = float.IsNaN(position.FirstDecision) ? null : LearnedPolicy.Probability(position.FirstDecision);
        var generated = new GeneratedToken(token, _answer.Append(token), position.Iterations, probability);
        _tokens.Add(generated);
        if (_answer.Stopped) _ending = TaH.Engine.FinishReason.Stop;
        else if (_tokens.Count == _request.MaxTokens || _known.Length == _known.Grid.Limit) _ending = TaH.Engine.FinishReason.Length;
        else Feed(token);
        return generated;
    }

    /// <summary>
    /// Ends an answer that has all its tokens, once hard tokens of its prompt have had their passes, too: they may outlast a short answer.
    /// </summary>
    /// <param name="isInFlight">Whether a position of it still goes on.</param>
    internal void EndUnless(bool isInFlight)
    {
        if (_ending is { } reason && !isInFlight) Finish(reason);
    }

    /// <summary>Ends the answer before its time. What has not had all its passes leaves the grid.</summary>
    /// <param name="complete">The first position whose passes are not complete.</param>
    internal void Interrupt(int complete)
    {
        if (FinishReason is not null) return;
        _known.TruncateFrom(complete);
        Finish(_ending ?? TaH.Engine.FinishReason.Interrupted);
    }

    private void Feed(int token)
    {
        _known.Add([token]);
        Run.Feed([token]);
    }

    private void Finish(FinishReason reason)
    {
        FinishReason = reason;
        TrailingText = _answer.Flush();
        if (_ownsSequence) _known.Dispose();
    }

    private void NotePromptKnownBefore()
    {
        for (var i = 0; i < _promptIterations.Length; i++) _promptIterations[i] = _known.Iterations[i];
    }
}
