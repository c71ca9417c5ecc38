using System.Globalization;

namespace TaH.Engine;

/// <summary>
/// Everything that a killed run needs to go on as if nothing had happened: parameters, what the optimizer remembers, and how far the data is. What is
/// drawn follows from seed and step, so no generator has a state.
/// </summary>
internal static class TrainingState
{
    private const string Folder = "state";
    private const string Pattern = "step-*.safetensors";

    /// <summary>
    /// Saves the state behind a step. The file appears whole or not at all, and earlier ones go only then: a full disk leaves the last good state.
    /// </summary>
    /// <param name="output">The run's directory.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="optimizer">What it remembers.</param>
    /// <returns>The file.</returns>
    /// <exception cref="BadFileException">The disk refuses.</exception>
    public static string Save(string output, TrainingProgress progress, TrainingModel model, Optimizer optimizer)
    {
        var folder = Path.Combine(output, Folder);
        var path = Path.Combine(folder, FormattableString.Invariant($"step-{progress.Step:D8}.safetensors"));
        var writer = new SafetensorsWriter();
        var device = model.Backbone.Device;
        foreach (var (name, values) in Tensors(model, optimizer))
            writer.Add(name, TensorType.F32, [values.Length], stream => DeviceTensor.Write(device, values.View.BaseView, TensorType.F32, stream));
        foreach (var (key, value) in progress.ToMetadata()) writer.AddMetadata(key, value);
        OnDisk(folder, () => Directory.CreateDirectory(folder));
        OnDisk(folder, () => Remove(folder, AtomicOutput.UnfinishedPattern(Pattern), except: null));
        writer.Save(path);
        OnDisk(folder, () => Remove(folder, Pattern, except: path));
        return path;
    }

    /// <summary>The last state of a directory; null where there is none.</summary>
    /// <param name="output">The run's directory.</param>
    public static string? Find(string output)
    {
        var folder = Path.Combine(output, Folder);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal).LastOrDefault() : null;
    }

    /// <summary>Brings a state back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Of the run that goes on; see <see cref="TrainingProgress.Fingerprint"/>.</param>
    /// <param name="model">Its parameters are set.</param>
    /// <param name="optimizer">What it remembers is set.</param>
    /// <exception cref="CheckpointException">The file is damaged, or of another run.</exception>
    public static TrainingProgress Load(string path, string fingerprint, TrainingModel model, Optimizer optimizer)
    {
        using var file = SafetensorsFile.Open(path, Path.GetFileName(path));
        var progress = TrainingProgress.Of(file.Metadata, Path.GetFileName(path));
        if (progress.Fingerprint != fingerprint)
        {
            throw new CheckpointException(
                Path.GetFileName(path), "fingerprint", "is of a run with another recipe; give the same options, or another --out, or --restart");
        }

        foreach (var (name, values) in Tensors(model, optimizer))
        {
            if (!file.Tensors.TryGetValue(name, out var tensor)) throw file.Fault(name, "is missing");
            if (tensor.ElementCount != values.Length) throw file.Fault(name, $"has {tensor.ElementCount} elements, the run needs {values.Length}");
            if (tensor.Type != TensorType.F32) throw file.Fault(name, $"has dtype {tensor.Type.Label}, a state is F32");
            DeviceTensor.Read(model.Backbone.Device, tensor, values.View.BaseView);
        }

        model.Refresh(TrainedParts.Backbone | TrainedParts.Lora | TrainedParts.Decider);
        return progress;
    }

    private static IEnumerable<(string Name, FloatBuffer Values)> Tensors(TrainingModel model, Optimizer optimizer)
    {
        var number = 0;
        foreach (var group in model.TrainedGroups) yield return ($"values.{number++}", group.ValueBuffer);
        foreach (var remembered in optimizer.State) yield return remembered;
    }

    private static void Remove(string folder, string pattern, string? except)
    {
        foreach (var file in Directory.EnumerateFiles(folder, pattern).Where(file => file != except).ToList()) File.Delete(file);
    }

    private static void OnDisk(string folder, Action work)
    {
        try
        {
            work();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(folder, null, $"the state of the run cannot be saved: {refused.Message.TrimEnd('.')}", refused);
        }
    }
}

/// <summary>How far a run is.</summary>
/// <param name="Step">Steps that are done.</param>
/// <param name="Order">Where the data is.</param>
/// <param name="BestLoss">Of the evaluations so far; infinity before the first.</param>
/// <param name="WithoutBetter">Evaluations since the best one.</param>
/// <param name="Fingerprint">Tells runs of different recipes apart.</param>
internal sealed record TrainingProgress(int Step, OrderPosition Order, double BestLoss, int WithoutBetter, string Fingerprint)
{
    /// <summary>As text.</summary>
    public IEnumerable<(string Key, string Value)> ToMetadata() =>
    [
        ("step", Step.ToString(CultureInfo.InvariantCulture)), ("epoch", Order.Epoch.ToString(CultureInfo.InvariantCulture)),
        ("index", Order.Index.ToString(CultureInfo.InvariantCulture)), ("best_loss", BestLoss.ToString("R", CultureInfo.InvariantCulture)),
        ("without_better", WithoutBetter.ToString(CultureInfo.InvariantCulture)), ("fingerprint", Fingerprint),
    ];

    /// <summary>From text.</summary>
    public static TrainingProgress Of(IReadOnlyDictionary<string, string> metadata, string file)
    {
        string Text(string key) => metadata.TryGetValue(key, out var value) ? value : throw new CheckpointException(file, key, "is missing");
        int Number(string key) => int.TryParse(Text(key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new CheckpointException(file, key, $"is {Words.Quoted(Text(key))}, a whole number was expected");
        var best = double.TryParse(Text("best_loss"), NumberStyles.Float, CultureInfo.InvariantCulture, out var loss)
            ? loss
            : throw new CheckpointException(file, "best_loss", $"is {Words.Quoted(Text("best_loss"))}, a number was expected");
        return new TrainingProgress(
            Number("step"), new OrderPosition(Number("epoch"), Number("index")), best, Number("without_better"), Text("fingerprint"));
    }
}
