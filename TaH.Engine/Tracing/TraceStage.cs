namespace TaH.Engine;

/// <summary>A grid and a loop of their own in which one sequence is traced.</summary>
internal sealed class TraceStage : IDisposable
{
    private readonly TahModel _model;
    private readonly IOperations _operations;
    private readonly KvGrid _grid;
    private readonly ForwardPass _forward;
    private readonly IterationLoop _loop;
    private readonly SequenceRun _run;
    private readonly List<PassTrace> _passes = [];
    private ForwardTrace? _trace;

    public TraceStage(TahModel model, TraceRequest request, SessionOptions options)
    {
        _model = model;
        var (shape, limits) = (model.Weights.Shape, SessionLimits.Of(model, options));
        MaxIter = request.MaxIter ?? model.MaxIterFor(request.Policy ?? model.DefaultPolicy);
        _operations = Backend.Create(model.Device, shape, limits.Rows, maxSequences: 1, options.Precision);
        var kvShape = new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, options.PageSize, limits.Depths, model.KvTypeFor(options.KvType));
        _grid = new KvGrid(model.Device, kvShape, maxSequences: 1, limits.Context);
        var policy = request.Policy ?? model.DefaultPolicy;
        var check = new RequestCheck(model, _grid);
        check.CheckTokens(request.Tokens);
        check.CheckPolicy(policy);
        _forward = new ForwardPass(
            model.Weights, _operations, _grid, limits.Rows, model.SoftTopK, tapped: Enumerable.Range(0, shape.Layers + 1), keepsRaw: true);
        _loop = new IterationLoop(_forward) { AfterPass = Keep };
        _run = new SequenceRun(_grid.Open(), policy, MaxIter) { WantsAllLogits = true };
        _run.Feed([.. request.Tokens]);
    }

    /// <summary>Passes that a token may take.</summary>
    public int MaxIter { get; }

    /// <summary>What ran at each depth.</summary>
    public IReadOnlyList<PassTrace> Passes => _passes;

    /// <summary>The sequence's part of the grid.</summary>
    public GridSequence Sequence => _run.Grid;

    /// <summary>The memory of its keys and values.</summary>
    public KvPool Pool => _grid.Pool;

    public void Run(ForwardTrace trace)
    {
        _trace = trace;
        var logits = trace.Logits.AsSpan();
        for (var remaining = trace.Tokens.Count; remaining > 0;)
        {
            foreach (var position in _loop.RunPass([_run]))
            {
                trace.Iterations[position.Position] = position.Iterations;
                var source = _forward.Logits.Accumulated.SubView((long)position.Slot * trace.Vocab, trace.Vocab);
                _model.Device.Download(source, logits.Slice(position.Position * trace.Vocab, trace.Vocab));
                remaining--;
            }
        }
    }

    public void Dispose()
    {
        _forward.Dispose();
        _grid.Dispose();
        _operations.Dispose();
    }

    private void Keep(IReadOnlyList<PositionInFlight> rows, IReadOnlyList<float> decisions)
    {
        var (layers, hidden, vocab) = (_model.Weights.Shape.Layers, _model.Weights.Shape.Hidden, _model.Weights.Shape.Vocab);
        var raw = Read(_forward.RawLogits, rows.Count * vocab);
        for (var i = 0; i < rows.Count; i++)
        {
            var pass = PassAt(rows[i].Depth, layers);
            pass.AddPosition(rows[i].Position);
            pass.AddRawLogits(raw.AsSpan(i * vocab, vocab));
            _trace!.DeciderLogits[rows[i].Depth][rows[i].Position] = decisions[i];
        }
        for (var index = 0; index <= layers; index++)
        {
            var states = Read(_forward.Hidden(index), rows.Count * hidden);
            for (var i = 0; i < rows.Count; i++) PassAt(rows[i].Depth, layers).AddHidden(index, states.AsSpan(i * hidden, hidden));
        }
    }

    private PassTrace PassAt(int depth, int layers)
    {
        while (_passes.Count <= depth) _passes.Add(new PassTrace(layers));
        return _passes[depth];
    }

    private float[] Read(Floats source, int length)
    {
        var values = new float[length];
        _model.Device.Download(source, values);
        return values;
    }
}
