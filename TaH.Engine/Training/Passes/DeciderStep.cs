using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>What a micro-batch found out about decisions.</summary>
/// <param name="Iterations">[tokens]: passes that each token takes by the decider's own decisions.</param>
/// <param name="Losses">Of each depth that decides, the binary cross-entropy of its rows; 0 for one without target.</param>
/// <param name="Targets">Of each depth that decides, the decisions of its rows that have a target.</param>
/// <param name="Logits">Of each depth that decides, those of its rows.</param>
/// <param name="Rows">Of each depth that decides, the places of its rows in the batch.</param>
internal sealed record DeciderOutcomes(int[] Iterations, float[][] Losses, int[] Targets, float[][] Logits, int[][] Rows);

/// <summary>
/// The decider's binary cross-entropy over a micro-batch, with the backbone frozen, and its gradients: what stage 2 minimises. The decider's own
/// decisions choose which tokens reach deeper passes.
/// </summary>
/// <remarks>Source: IterDeciderLoss of github.com/thu-nics/TaH at 1e07bc3: the mean over each depth's decisions, summed over the depths.</remarks>
internal sealed class DeciderStep : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly LearnedPolicy _policy;
    private readonly PassSequence _passes;
    private readonly DeciderPass _pass;
    private readonly DeciderInputs _inputs;
    private readonly Scratch _losses;
    private readonly Scratch _gradients;
    private readonly Scratch _decisions;

    public DeciderStep(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        var decider = model.DeciderNet ?? throw new InvalidOperationException("the model has no decider to train");
        _operations = operations;
        _policy = new LearnedPolicy(decider.Config.EffectiveThreshold);
        _passes = new PassSequence(operations, model, options with { Recomputes = false });
        _pass = new DeciderPass(operations, decider, options.HeadRows);
        _inputs = new DeciderInputs(operations, model, _passes);
        Scratch Room() => new(operations.Device);
        (_losses, _gradients, _decisions) = (Room(), Room(), Room());
    }

    /// <summary>Runs a micro-batch.</summary>
    /// <param name="batch">The tokens; <see cref="PackedBatch.IterationCounts"/> are the targets.</param>
    /// <param name="maxIter">The most passes of a token.</param>
    /// <param name="positiveWeight">What the loss of a token that should go on is multiplied with.</param>
    /// <param name="scale">What each depth's mean is multiplied with; see <see cref="Run"/>'s gradient.</param>
    /// <param name="backward">Whether gradients are added up.</param>
    /// <param name="dropout">Makes the dropout of a chunk of rows from its number; null for none.</param>
    /// <param name="passes">[tokens]: passes of each, whatever the decider says; null for its own decisions.</param>
    public DeciderOutcomes Run(
        PackedBatch batch, int maxIter, float positiveWeight, float scale, bool backward, Func<int, DeciderDropout>? dropout = null,
        int[]? passes = null)
    {
        var iterations = new int[batch.Tokens.Length];
        Array.Fill(iterations, 1);
        var (losses, logits, rows) = (new List<float[]>(), new List<float[]>(), new List<int[]> { Enumerable.Range(0, iterations.Length).ToArray() });
        _passes.Begin(batch, checked(iterations.Length * maxIter));
        var chunks = 0;
        for (var depth = 0; depth + 1 < maxIter && rows[depth].Length > 0; depth++)
        {
            var state = _passes.Open(depth, rows);
            _inputs.RunLayers(depth);
            var (lossesHere, logitsHere) = Decide(depth, batch, positiveWeight, scale, backward, dropout, ref chunks);
            losses.Add(lossesHere);
            logits.Add(logitsHere);
            bool GoesOn(int row, int place) =>
                passes is null ? _policy.GoesOn(batch.Positions[place], depth, logitsHere[row]) : passes[place] > depth + 1;
            state.Continuing = [.. Enumerable.Range(0, logitsHere.Length).Where(row => GoesOn(row, rows[depth][row]))];
            int[] deeper = [.. state.Continuing.Select(row => rows[depth][row])];
            foreach (var place in deeper) iterations[place]++;
            if (depth + 2 < maxIter) _passes.KeepContinuing(depth);
            rows.Add(deeper);
        }
        int[][] decided = [.. rows.Take(losses.Count)];
        int[] targets = [.. decided.Select(places => places.Count(place => batch.IterationCounts[place] > 0))];
        return new DeciderOutcomes(iterations, [.. losses], targets, [.. logits], decided);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { _passes, _pass, _inputs, _losses, _gradients, _decisions }) owned.Dispose();
    }

    private (float[] Losses, float[] Logits) Decide(
        int depth, PackedBatch batch, float positiveWeight, float scale, bool backward, Func<int, DeciderDropout>? dropout, ref int chunks)
    {
        var state = _passes[depth];
        var count = state.Pass.Count;
        Floats losses = _losses.Reserve(count), gradients = _gradients.Reserve(count), decisions = _decisions.Reserve(count);
        int[] targets = [.. state.Pass.Rows.Select(row => Target(batch.IterationCounts[row], depth))];
        var meanScale = scale / Math.Max(1, targets.Count(target => target >= 0));
        foreach (var (start, rows) in RowChunks.Of([.. Enumerable.Range(0, count)], _passes.Head.Chunk))
        {
            var dropped = dropout?.Invoke(chunks++);
            var features = _inputs.Features(depth, start, rows.Length);
            var top = _inputs.TopValues(_passes.Logits(depth, _passes.Lists.Add(rows)), rows.Length);
            var logits = _pass.Forward(features, top, rows.Length, dropped);
            logits.SubView(0, rows.Length).CopyTo(_operations.Device.Accelerator.DefaultStream, decisions.SubView(start, rows.Length));
            var gradient = gradients.SubView(start, rows.Length);
            _operations.BinaryCrossEntropy.Run(
                logits, _passes.Lists.Add(targets.AsSpan(start, rows.Length)), positiveWeight, meanScale, losses.SubView(start, rows.Length), gradient, rows.Length);
            if (backward) _pass.Backward(gradient, features, top, rows.Length, dropped);
        }
        return (Download(losses), Download(decisions));
    }

    /// <summary>1 for a token that should go on, 0 for one that should not, -1 for one that nobody knows about.</summary>
    private static int Target(int iterations, int depth) => iterations <= 0 ? -1 : iterations > depth + 1 ? 1 : 0;

    private float[] Download(Floats view)
    {
        var values = new float[view.Length];
        view.CopyToCPU(_operations.Device.Accelerator.DefaultStream, values);
        _operations.Device.Synchronize();
        return values;
    }
}
