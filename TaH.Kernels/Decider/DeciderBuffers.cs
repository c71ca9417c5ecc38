namespace TaH.Kernels;

/// <summary>The activations of a decider, for as many rows as a pass may have.</summary>
internal sealed class DeciderBuffers : IDisposable
{
    private readonly List<FloatBuffer> _owned = [];

    public DeciderBuffers(ComputeDevice device, DeciderModel model, int maxRows)
    {
        MaxRows = maxRows;
        Features = model.Combined.Weight.Columns - model.LogitsProjection.Weight.Rows;
        if (Features <= 0) throw new ShapeException("combined projection", model.Combined.Weight.Columns, model.LogitsProjection.Weight.Rows + 1);
        var width = model.Blocks.Select(block => Math.Max(checked((int)block.Norm.Weight.Length), block.Contract.Weight.Rows))
            .Append(Math.Max(model.Combined.Weight.Rows, model.Input.Weight.Rows)).Max();
        Hidden = Allocate(device, Features);
        TopValues = Allocate(device, model.TopK);
        Projected = Allocate(device, model.LogitsProjection.Weight.Rows);
        Combined = Allocate(device, model.Combined.Weight.Columns);
        X = Allocate(device, width);
        Other = Allocate(device, width);
        Normed = Allocate(device, width);
        Expanded = Allocate(device, model.Blocks.Select(block => block.Expand.Weight.Rows).DefaultIfEmpty(0).Max());
    }

    /// <summary>The most rows.</summary>
    public int MaxRows { get; }

    /// <summary>Elements of all hidden states of a row together.</summary>
    public int Features { get; }

    /// <summary>[rows, features] the hidden states side by side.</summary>
    public Floats Hidden { get; }

    /// <summary>[rows, topK].</summary>
    public Floats TopValues { get; }

    /// <summary>[rows, outputs of the logits projection].</summary>
    public Floats Projected { get; }

    /// <summary>[rows, features + outputs of the logits projection].</summary>
    public Floats Combined { get; }

    /// <summary>[rows, width of a block] the residual stream.</summary>
    public Floats X { get; }

    /// <summary>[rows, width of a block] the residual stream after a block that changes its width.</summary>
    public Floats Other { get; }

    /// <summary>[rows, width of a block] what a LayerNorm, or the combined projection, makes.</summary>
    public Floats Normed { get; }

    /// <summary>[rows, inner width of a block].</summary>
    public Floats Expanded { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _owned) buffer.Dispose();
    }

    private Floats Allocate(ComputeDevice device, int width)
    {
        var buffer = device.AllocateFloats((long)MaxRows * width);
        _owned.Add(buffer);
        return buffer.View;
    }
}
