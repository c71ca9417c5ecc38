using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>The loss of a plain model on held-out rows, with some of its layers left out. No weight is copied: the list of layers is shorter.</summary>
internal sealed class HeldOutLoss
{
    private const int BatchTokens = 1 << 16;

    private readonly TahModel _model;
    private readonly List<PackedBatch> _batches;
    private readonly CrossEntropy _crossEntropy;

    /// <summary>Prepares the measuring.</summary>
    /// <param name="model">A plain model.</param>
    /// <param name="data">What it is measured on.</param>
    public HeldOutLoss(TahModel model, TrainingData data)
    {
        _model = model;
        var longest = data.Sequences.Max(sequence => sequence.Length);
        _batches = [.. new BatchBuilder(data.Sequences, new BatchPlan(data.Sequences.Count, Math.Max(BatchTokens, longest))).InFileOrder()];
        LabelledTokens = _batches.Sum(batch => batch.Labels.LongCount(label => label >= 0));
        _crossEntropy = new CrossEntropy(model.Device, model.Device.Kind == DeviceKind.Cpu ? CrossEntropyVariant.Simd : CrossEntropyVariant.Portable);
    }

    /// <summary>Tokens that carry loss.</summary>
    public long LabelledTokens { get; }

    /// <summary>The mean cross-entropy of labelled tokens of a model of these layers, in nats.</summary>
    /// <param name="layers">Which of the model's, rising.</param>
    /// <param name="cancellation">Ends it.</param>
    public double Of(IReadOnlyList<int> layers, CancellationToken cancellation)
    {
        var weights = _model.Weights with
        {
            Layers = [.. layers.Select(layer => _model.Weights.Layers[layer])], Shape = _model.Weights.Shape with { Layers = layers.Count },
        };
        using var forward = new PackedForward(_model, weights, maxRows: null, ProductPrecision.Auto);
        using FloatBuffer losses = _model.Device.AllocateFloats(forward.Capacity);
        using IntBuffer labels = _model.Device.AllocateInts(forward.Capacity), predictions = _model.Device.AllocateInts(forward.Capacity);
        var (sum, received) = (0.0, new float[forward.Capacity]);
        foreach (var batch in _batches)
        {
            cancellation.ThrowIfCancellationRequested();
            forward.Run(batch, place => batch.Labels[place] >= 0, places => sum += Sum(batch, places));
        }
        return sum / LabelledTokens;

        double Sum(PackedBatch batch, ReadOnlySpan<int> places)
        {
            if (places.IsEmpty) return 0;
            var expected = new int[places.Length];
            for (var row = 0; row < expected.Length; row++) expected[row] = batch.Labels[places[row]];
            labels.View.BaseView.SubView(0, expected.Length).CopyFromCPU(_model.Device.Accelerator.DefaultStream, expected);
            var shape = new CrossEntropyShape(expected.Length, _model.Config.VocabSize);
            _crossEntropy.Run(forward.Logits.Accumulated, labels.View.BaseView, losses.View.BaseView, predictions.View.BaseView, shape);
            _model.Device.Download(losses.View.BaseView, received.AsSpan(0, expected.Length));
            var total = 0.0;
            foreach (var loss in received.AsSpan(0, expected.Length)) total += loss;
            return total;
        }
    }
}
