namespace TaH.Engine;

/// <summary>Makes a plain model smaller by the layers whose removal raises its loss least.</summary>
/// <remarks>
/// What TaH (not TaH+) starts from, so that with its updates and its decider it has no more parameters than the model that it is compared with.
/// Source of the rule: script/preparation/prune.py of github.com/thu-nics/TaH at 1e07bc3, which judges all layers once.
/// </remarks>
public static class LayerPruning
{
    /// <summary>Chooses layers and saves the model without them, with what was measured in pruning.json.</summary>
    /// <param name="request">What to prune, and by what.</param>
    /// <param name="device">Where losses are measured.</param>
    /// <param name="progress">Hears how far it has come; null for nobody.</param>
    /// <param name="cancellation">Ends it; nothing is saved.</param>
    /// <exception cref="BadFileException">A file cannot be used, or the output cannot be written.</exception>
    /// <exception cref="UsageException">The request contradicts itself, or the model.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    public static PruneResult Run(
        PruneRequest request, DeviceSelector device, IProgress<PruneProgress>? progress = null, CancellationToken cancellation = default)
    {
        request.Validate();
        PrunedCheckpoint.CheckPlace(request);
        using var source = Checkpoint.Open(request.Model);
        Check(request, source);
        PruneResult result;
        using (var model = TahModel.Load(request.Model, new ModelOptions { Device = device }))
        {
            result = Choose(request, model, progress, cancellation);
        }
        cancellation.ThrowIfCancellationRequested();
        PrunedCheckpoint.Save(request.Output, source, result);
        return result;
    }

    private static void Check(PruneRequest request, Checkpoint source)
    {
        var (name, layers) = (Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Directory)), source.Config.LayerCount);
        if (source.IsTah) throw new UsageException($"{name} is a TaH model; layers go from the plain model, before stage 1");
        if (request.Layers >= layers)
            throw new UsageException(FormattableString.Invariant($"--layers {request.Layers} leaves nothing of the {layers} layers of {name}; at most {layers - 1} can go"));
    }

    private static PruneResult Choose(PruneRequest request, TahModel model, IProgress<PruneProgress>? progress, CancellationToken cancellation)
    {
        var data = TrainingData.Load([request.Data], RowTokenizer.Of(model), new TrainingDataOptions
        {
            MaxLength = Math.Min(request.MaxLength, model.Config.MaxPositions), MaxSequences = request.Rows,
        }, cancellation);
        var layers = model.Config.LayerCount;
        var loss = new HeldOutLoss(model, data);
        var (measured, total) = (0, 1 + (request.AtOnce ? layers + 1 : Enumerable.Range(0, request.Layers).Sum(gone => layers - gone)));
        double Measure(IReadOnlyList<int> kept)
        {
            var value = loss.Of(kept, cancellation);
            progress?.Report(new PruneProgress(++measured, total));
            return value;
        }

        int[] left = [.. Enumerable.Range(0, layers)];
        var whole = Measure(left);
        if (!double.IsFinite(whole)) throw new BadFileException(request.Model, null, $"its loss on {request.Data} is not a number, so nothing can be compared");
        var rounds = new List<PruneRound>();
        while (left.Length > layers - request.Layers)
        {
            var without = left;
            LayerLoss[] losses = [.. left.Select(layer => new LayerLoss(layer, Measure([.. without.Where(other => other != layer)])))];
            int[] removed = [.. Best(losses).Take(request.AtOnce ? request.Layers : 1).Select(best => best.Layer)];
            left = [.. left.Except(removed)];
            rounds.Add(new PruneRound(removed, request.AtOnce ? Measure(left) : Best(losses).First().Loss, losses));
        }
        return new PruneResult(model.Name, layers, data.Sequences.Count, loss.LabelledTokens, whole, rounds);
    }

    /// <summary>The least loss first; of equals the first layer; a loss that is no number last.</summary>
    private static IEnumerable<LayerLoss> Best(IEnumerable<LayerLoss> losses) =>
        losses.OrderBy(layer => double.IsNaN(layer.Loss) ? double.PositiveInfinity : layer.Loss).ThenBy(layer => layer.Layer);
}
