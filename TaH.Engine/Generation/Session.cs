using System.Diagnostics;

namespace TaH.Engine;

/// <summary>
/// A model at work: its grid, its buffers, and the answers in flight. Prompts run as a batch whose rows may be at different depths; each answer is
/// the same as if it ran alone, up to rounding. One caller and one stream at a time; sessions on one device take turns.
/// </summary>
public sealed class Session : IDisposable
{
    private readonly TahModel _model;
    private readonly SessionOptions _options;
    private readonly IOperations _operations;
    private readonly ForwardPass _forward;
    private readonly IterationLoop _loop;
    private readonly List<SequenceRun> _runs = []; // of the pass in hand
    private bool _streaming;
    private bool _disposed;

    internal Session(TahModel model, SessionOptions options)
    {
        (_model, _options) = (model, options);
        var limits = SessionLimits.Of(model, options);
        var shape = model.Weights.Shape;
        _operations = Backend.Create(model.Device, shape, limits.Rows, options.MaxSequences, options.Precision);
        Grid = new KvGrid(
            model.Device, new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, options.PageSize, limits.Depths, model.KvTypeFor(options.KvType)),
            options.MaxSequences, limits.Context);
        _forward = new ForwardPass(model.Weights, _operations, Grid, limits.Rows, model.SoftTopK, tapped: [], keepsRaw: false);
        _loop = new IterationLoop(_forward);
    }

    /// <summary>Keys and values of everything that runs.</summary>
    public KvGrid Grid { get; }

    /// <summary>Looks at the rows of every pass, for accounts of what it costs; null for nobody.</summary>
    internal Action<PassRows>? PassRan { get; set; }

    /// <summary>Opens a place in the grid that outlives an answer.</summary>
    /// <exception cref="UsageException">As many sequences are open as the session was opened for.</exception>
    public Conversation OpenConversation()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Conversation(new KnownSequence(Grid.Open()));
    }

    /// <summary>Begins an answer; its tokens come from <see cref="Stream(Completion, CancellationToken)"/>.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="conversation">Where it goes on; null for a sequence of its own, which is given back when the answer ends.</param>
    /// <exception cref="UsageException">The request contradicts itself or the model; the message says how.</exception>
    public Completion Start(GenerationRequest request, Conversation? conversation = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(request);
        if (conversation is not null && !conversation.Known.Grid.IsOf(Grid)) throw new UsageException("the conversation belongs to another session");
        if (conversation?.Latest is { FinishReason: null })
            throw new UsageException("the conversation has an answer in progress; finish or dispose of it first");
        var (sampling, policy) = (request.Sampling ?? _model.DefaultSampling, request.Policy ?? _model.DefaultPolicy);
        var known = conversation?.Known ?? new KnownSequence(Grid.Open());
        var completion = new Completion(
            this, request, sampling, _model.EndTokens, _model.Tokenizer?.CreateDecoder(), known, ownsSequence: conversation is null, policy,
            request.MaxIter ?? _model.MaxIterFor(policy));
        if (conversation is not null) conversation.Latest = completion;
        return completion;
    }

    /// <summary>The tokens of one answer, as they are made. Leaving the loop early interrupts it.</summary>
    /// <exception cref="InvalidOperationException">Another stream of this session has not ended.</exception>
    public IEnumerable<GeneratedToken> Stream(Completion completion, CancellationToken cancellation = default) =>
        Stream([completion], cancellation).Select(item => item.Token);

    /// <summary>The tokens of several answers that run as one batch, in the order in which they are made.</summary>
    public IEnumerable<(Completion Completion, GeneratedToken Token)> Stream(
        IReadOnlyList<Completion> completions, CancellationToken cancellation = default)
    {
        BeginStream();
        var active = completions.Where(completion => completion.FinishReason is null).ToList();
        try
        {
            while (active.Count > 0 && !cancellation.IsCancellationRequested)
            {
                foreach (var item in Advance(active)) yield return item;
                active.RemoveAll(completion => completion.FinishReason is not null);
            }
        }
        finally
        {
            _streaming = false;
            foreach (var completion in active) Abandon(completion);
        }
    }

    /// <summary>Answers many requests, as many at a time as the session was opened for; the next begins when one ends.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="cancellation">Ends all answers in flight.</param>
    /// <returns>Each token with the number of its request; a null token where an answer ends.</returns>
    /// <exception cref="UsageException">One of the requests cannot be; none has begun then.</exception>
    public IEnumerable<(int Request, Completion Completion, GeneratedToken? Token)> StreamAll(
        IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation = default)
    {
        foreach (var request in requests) Check(request);
        BeginStream();
        var active = new List<Completion>();
        var next = 0;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                for (; next < requests.Count && active.Count < _options.MaxSequences; next++)
                {
                    active.Add(Start(requests[next]));
                    active[^1].Number = next;
                }
                if (active.Count == 0) yield break;
                foreach (var (completion, token) in Advance(active)) yield return (completion.Number, completion, token);
                foreach (var completion in active)
                {
                    if (completion.FinishReason is not null) yield return (completion.Number, completion, null);
                }
                active.RemoveAll(completion => completion.FinishReason is not null);
            }
        }
        finally
        {
            _streaming = false;
            foreach (var completion in active) Abandon(completion);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _forward.Dispose();
        Grid.Dispose();
        _operations.Dispose();
    }

    /// <summary>Ends an answer before its time, if it has not ended; what has not had all its passes leaves the grid.</summary>
    internal void Abandon(Completion completion)
    {
        if (_disposed || completion.FinishReason is not null) return;
        completion.Interrupt(_loop.Drop(completion.Run));
    }

    private void BeginStream()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_streaming) throw new InvalidOperationException("another stream of this session has not ended; stream several answers together");
        _streaming = true;
    }

    private void Check(GenerationRequest request) => new RequestCheck(_model, Grid).Check(request);

    /// <summary>One pass for all answers in flight, then a token for each whose last position has finished.</summary>
    private List<(Completion Completion, GeneratedToken Token)> Advance(List<Completion> active)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _runs.Clear();
        for (var i = 0; i < active.Count; i++)
        {
            active[i].Timings.Begin();
            active[i].Run.Tag = i;
            _runs.Add(active[i].Run);
        }
        var finished = _loop.RunPass(_runs);
        PassRan?.Invoke(_loop.LastPass);
        var now = Stopwatch.GetTimestamp();
        var accepted = new List<(Completion Completion, GeneratedToken Token)>(active.Count);
        foreach (var position in finished)
        {
            var completion = active[position.Run.Tag]; // who leaves the batch takes its positions along, so there are no others
            completion.Note(position);
            if (position.Token is { } drawn && completion.Accept(position, drawn, now) is { } token) accepted.Add((completion, token));
        }
        foreach (var completion in active)
        {
            if (!completion.IsEnding) continue;
            _loop.DropGuess(completion.Run);
            completion.EndUnless(_loop.IsInFlight(completion.Run));
        }
        return accepted;
    }
}
