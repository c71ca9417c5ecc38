using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>Changes a model's parameters by their gradients, and keeps what the rule remembers between steps.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly OptimizerSettings _settings;
    private readonly ParameterGroup[] _groups;
    private readonly MomentMemory[] _moments;
    private readonly FloatBuffer _numbers; // sum of squares, that of one group, scale, norm

    public Optimizer(TrainingOperations operations, TrainingModel model, OptimizerSettings settings)
    {
        (_operations, _model, _settings, _groups) = (operations, model, settings, [.. model.TrainedGroups]);
        _moments = [.. ParameterRange.Of(_groups).Select(range => new MomentMemory(operations.Device, range, settings.Kind))];
        _numbers = operations.Device.AllocateFloats(4);
    }

    /// <summary>What is remembered, by name, for checkpoints.</summary>
    public IEnumerable<(string Name, FloatBuffer Values)> State => _moments.SelectMany(moments => moments.State);

    /// <summary>The norm of all gradients; waits for the device.</summary>
    public float GradientNorm()
    {
        Number(0).MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        foreach (var group in _groups)
        {
            _operations.SumOfSquares.Run(group.Gradients, Number(1));
            _operations.Rows.Add(Number(1), Number(0), 1);
        }
        _operations.ClipScale.Run(Number(0), (float)_settings.MaxGradientNorm, Number(2), Number(3));
        var norm = new float[1];
        Number(3).CopyToCPU(_operations.Device.Accelerator.DefaultStream, norm);
        _operations.Device.Synchronize();
        return norm[0];
    }

    /// <summary>Changes the parameters, by gradients that are clipped by the last <see cref="GradientNorm"/>, and sets gradients to zero.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="rate">The learning rate.</param>
    public void Step(int step, double rate)
    {
        foreach (var moments in _moments) Change(moments, moments.Range.Decays ? _settings.WeightDecay : 0, step, rate);
        foreach (var group in _groups) group.ClearGradients();
        _model.Refresh(_model.Trained, isNarrowed: _settings.Kind != OptimizerKind.Sgd);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var moments in _moments) moments.Dispose();
        _numbers.Dispose();
    }

    private void Change(MomentMemory moments, double decay, int step, double rate)
    {
        var (range, scale) = (moments.Range, Number(2));
        var settings = new AdamWStep(rate, _settings.Beta1, _settings.Beta2, _settings.Epsilon, decay, step + 1);
        if (_settings.Kind == OptimizerKind.Sgd)
            _operations.Sgd.Run(range.Values, range.Gradients, default, scale, new SgdStep((float)rate, WeightDecay: (float)decay));
        else if (moments.AreQuantized)
            _operations.AdamW8Bit.Run(
                range.Values, range.Gradients, moments.FirstQuantized, moments.SecondQuantized, range.Narrowed, scale, settings, stream: range.Number);
        else
            _operations.AdamW.Run(range.Values, range.Gradients, moments.First, moments.Second, range.Narrowed, scale, settings);
    }

    private Floats Number(int index) => _numbers.View.BaseView.SubView(index, 1);
}
