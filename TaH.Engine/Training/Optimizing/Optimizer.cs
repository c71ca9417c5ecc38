using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>Changes a model's parameters by their gradients, and keeps what the rule remembers between steps.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly OptimizerSettings _settings;
    private readonly ParameterGroup[] _groups;
    private readonly FloatBuffer[] _firstMoments;
    private readonly FloatBuffer[] _secondMoments;
    private readonly FloatBuffer _numbers; // sum of squares, that of one group, scale, norm

    public Optimizer(TrainingOperations operations, TrainingModel model, OptimizerSettings settings)
    {
        (_operations, _model, _settings, _groups) = (operations, model, settings, [.. model.TrainedGroups]);
        FloatBuffer[] Moments() => settings.Kind == OptimizerKind.AdamW ? [.. _groups.Select(group => Zeros(group.Length))] : [];
        (_firstMoments, _secondMoments) = (Moments(), Moments());
        _numbers = Zeros(4);
    }

    /// <summary>What is remembered, by name, for checkpoints: of each trained group the first and second moments.</summary>
    public IEnumerable<(string Name, FloatBuffer Values)> State
    {
        get
        {
            for (var i = 0; i < _firstMoments.Length; i++)
            {
                yield return ($"first_moments.{i}", _firstMoments[i]);
                yield return ($"second_moments.{i}", _secondMoments[i]);
            }
        }
    }

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
        for (var i = 0; i < _groups.Length; i++)
        {
            var group = _groups[i];
            Change(i, 0, group.DecayingLength, _settings.WeightDecay, step, rate);
            Change(i, group.DecayingLength, group.Length - group.DecayingLength, 0, step, rate);
            group.ClearGradients();
        }
        _model.Refresh(_model.Trained);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _firstMoments.Concat(_secondMoments)) buffer.Dispose();
        _numbers.Dispose();
    }

    private void Change(int index, long start, long length, double decay, int step, double rate)
    {
        if (length == 0) return;
        var scale = Number(2);
        var group = _groups[index];
        Floats values = group.Values.SubView(start, length), gradients = group.Gradients.SubView(start, length);
        if (_settings.Kind == OptimizerKind.Sgd)
        {
            _operations.Sgd.Run(values, gradients, default, scale, new SgdStep((float)rate, WeightDecay: (float)decay));
            return;
        }
        _operations.AdamW.Run(
            values, gradients, _firstMoments[index].View.BaseView.SubView(start, length), _secondMoments[index].View.BaseView.SubView(start, length),
            default, scale, new AdamWStep(rate, _settings.Beta1, _settings.Beta2, _settings.Epsilon, decay, step + 1));
    }

    private Floats Number(int index) => _numbers.View.BaseView.SubView(index, 1);

    private FloatBuffer Zeros(long length)
    {
        var buffer = _operations.Device.AllocateFloats(length);
        buffer.MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        return buffer;
    }
}
