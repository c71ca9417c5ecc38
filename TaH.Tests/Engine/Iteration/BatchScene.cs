namespace TaH.Tests;

/// <summary>Sequences that decode tokens which are known beforehand, as one batch: the logits of every token, and what the decider says.</summary>
internal sealed class BatchScene : IDisposable
{
    private const int MostPrompt = 2; // all prompts run in one pass, so that every run has the same passes
    private const int Answer = 8;

    private readonly TahModel _model;
    private readonly int _sequences;
    private readonly IOperations _operations;
    private readonly KvGrid _grid;
    private readonly ForwardPass _forward;
    private readonly IterationLoop _loop;

    /// <summary>Makes room.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">How many run together.</param>
    public BatchScene(TahModel model, int sequences)
    {
        (_model, _sequences) = (model, sequences);
        var shape = model.Weights.Shape;
        _operations = Backend.Create(model.Device, shape, maxRows: 256, sequences, ProductPrecision.Auto);
        _grid = new KvGrid(
            model.Device, new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, PageSize: 16, shape.Depths, ElementType.Bf16), sequences,
            MostPrompt + (3 * Answer));
        _forward = new ForwardPass(model.Weights, _operations, _grid, maxRows: 256, model.SoftTopK, tapped: [], keepsRaw: false);
        _loop = new IterationLoop(_forward);
    }

    /// <summary>Runs all sequences from their beginnings.</summary>
    /// <returns>[tokens of all sequences] accumulated logits, and for each token the decider's logit and the passes that it took.</returns>
    public (float[] Logits, float[] Decisions, int[] Iterations) Run()
    {
        var runs = Enumerable.Range(0, _sequences).Select(Begin).ToArray();
        var (logits, decisions, iterations) = (new float[_sequences * Answer * Vocab], new float[_sequences * Answer], new int[_sequences * Answer]);
        var done = new int[_sequences];
        while (done.Any(count => count < Answer))
        {
            foreach (var position in _loop.RunPass(runs))
            {
                if (!position.IsLast) continue;
                Keep(position);
                // Who is done goes on, too, so that passes stay as large as they are.
                if (position.Run.Grid.Length < _grid.ContextLimit) position.Run.Feed([TokenAt(position.Run.Tag, position.Run.Grid.Length)]);
            }
        }
        void Keep(FinishedPosition position)
        {
            if (done[position.Run.Tag] == Answer) return;
            var token = (position.Run.Tag * Answer) + done[position.Run.Tag]++;
            (decisions[token], iterations[token]) = (position.FirstDecision, position.Iterations);
            _model.Device.Download(
                _forward.Logits.Accumulated.SubView((long)position.Slot * Vocab, Vocab), logits.AsSpan(token * Vocab, Vocab));
        }
        foreach (var run in runs)
        {
            _loop.Drop(run);
            run.Grid.Dispose();
        }
        return (logits, decisions, iterations);
    }

    public void Dispose()
    {
        _forward.Dispose();
        _grid.Dispose();
        _operations.Dispose();
    }

    private int Vocab => _model.Config.VocabSize;

    // Every fourth asks no decider; the others go on at different rates, in turns of their own.
    private SequenceRun Begin(int sequence)
    {
        IterationPolicy policy = sequence % 4 == 0 ? new NeverPolicy() : new ContinueRatePolicy(sequence % 4 / 4.0, sequence % 7 / 7.0);
        var run = new SequenceRun(_grid.Open(), policy, _model.Weights.Shape.Depths) { Tag = sequence };
        run.Feed([.. Enumerable.Range(0, 1 + (sequence % MostPrompt)).Select(position => TokenAt(sequence, position))]);
        return run;
    }

    private int TokenAt(int sequence, int position) => ((37 * position) + (101 * sequence) + 5) % Vocab;
}
