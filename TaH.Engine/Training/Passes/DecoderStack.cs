using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>All decoder layers over the passes of a micro-batch, forward from depth 0 on and backward from the deepest.</summary>
internal sealed class DecoderStack : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly bool _recomputes;
    private readonly LayerPass _layer;
    private readonly LayerEntries[] _entries;
    private readonly LayerEntries[] _entryGradients;
    private readonly List<DepthActivations> _depths = [];
    private readonly Scratch _again;
    private int _entryCount;

    /// <summary>Prepares the layers of a model.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="recomputes">Whether layers keep their input alone and run again before their backward pass.</param>
    public DecoderStack(TrainingOperations operations, TrainingModel model, bool recomputes)
    {
        (_operations, _model, _recomputes) = (operations, model, recomputes);
        _layer = new LayerPass(operations, model.Shape);
        _again = new Scratch(operations.Device);
        var width = model.Shape.KvHeads * model.Shape.HeadDim;
        _entries = [.. model.Layers.Select(_ => new LayerEntries(operations.Device, width))];
        _entryGradients = [.. model.Layers.Select(_ => new LayerEntries(operations.Device, width))];
    }

    /// <summary>Begins a micro-batch.</summary>
    /// <param name="entries">Entries of all depths, at the most.</param>
    public void Begin(int entries)
    {
        _entryCount = entries;
        foreach (var layer in _entries)
        {
            layer.Keys(entries);
            layer.Values(entries);
        }
    }

    /// <summary>Rows through all layers, without the final norm.</summary>
    /// <param name="x">[rows, hidden], read and written.</param>
    /// <param name="pass">The rows.</param>
    /// <param name="keeps">Whether <see cref="Backward"/> follows.</param>
    /// <param name="tap">Told the residual stream by its number: 0 for the input, i behind layer i - 1, the last layer's not.</param>
    public void Forward(Floats x, DepthPass pass, bool keeps, Action<int, Floats>? tap = null)
    {
        var saved = DepthFor(pass, keeps && !_recomputes);
        tap?.Invoke(0, x);
        for (var i = 0; i < _model.Layers.Count; i++)
        {
            if (keeps && _recomputes) Copy(x, saved.Input(i), pass);
            _layer.Forward(_model.Layers[i], x, saved.Layer(i), _entries[i].Keys(_entryCount), _entries[i].Values(_entryCount), pass);
            if (i + 1 < _model.Layers.Count) tap?.Invoke(i + 1, x);
        }
    }

    /// <summary>Before the first <see cref="Backward"/> of a micro-batch: nothing has reached the entries yet.</summary>
    public void ClearEntryGradients()
    {
        foreach (var layer in _entryGradients)
        {
            layer.Keys(_entryCount).MemSetToZero(_operations.Device.Accelerator.DefaultStream);
            layer.Values(_entryCount).MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        }
    }

    /// <summary>The gradient of the input of all layers. Passes come from the deepest to the first.</summary>
    /// <param name="dx">[rows, hidden], that of the last layer's output; replaced by that of the first one's input.</param>
    /// <param name="pass">The rows.</param>
    public void Backward(Floats dx, DepthPass pass)
    {
        var saved = _depths[pass.Depth];
        for (var i = _model.Layers.Count - 1; i >= 0; i--)
        {
            Floats keys = _entries[i].Keys(_entryCount), values = _entries[i].Values(_entryCount);
            if (_recomputes)
            {
                var x = _again.Reserve((long)pass.Count * _model.Shape.Hidden);
                Copy(saved.Input(i), x, pass);
                _layer.Forward(_model.Layers[i], x, saved.Layer(i), keys, values, pass);
            }
            _layer.Backward(
                _model.Layers[i], dx, saved.Layer(i), keys, values, _entryGradients[i].Keys(_entryCount), _entryGradients[i].Values(_entryCount), pass);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _layer.Dispose();
        _again.Dispose();
        foreach (var layer in _entries.Concat(_entryGradients)) layer.Dispose();
        foreach (var depth in _depths) depth.Dispose();
    }

    private DepthActivations DepthFor(DepthPass pass, bool eachLayer)
    {
        while (_depths.Count <= pass.Depth)
            _depths.Add(new DepthActivations(_operations.Products, _model.Shape, sharesSources: _operations.Products.CopiesOperands && _depths.Count == 0));
        _depths[pass.Depth].Reserve(pass.Count, eachLayer);
        return _depths[pass.Depth];
    }

    private void Copy(Floats from, Floats to, DepthPass pass)
    {
        var length = (long)pass.Count * _model.Shape.Hidden;
        from.SubView(0, length).CopyTo(_operations.Device.Accelerator.DefaultStream, to.SubView(0, length));
    }
}
