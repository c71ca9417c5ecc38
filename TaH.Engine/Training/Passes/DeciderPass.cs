using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>The decider over some rows, forward and backward. The hidden states and logits that it reads get no gradient: they are frozen.</summary>
/// <remarks>Source: MLPIterDecider of github.com/thu-nics/TaH at 1e07bc3; dropout behind the activation and behind each block's last layer.</remarks>
internal sealed class DeciderPass : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainedDecider _decider;
    private readonly DeciderRoom _room;
    private readonly DeciderLinearPass _linear;

    /// <summary>Makes room.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="decider">The parameters.</param>
    /// <param name="rows">The most rows.</param>
    public DeciderPass(TrainingOperations operations, TrainedDecider decider, int rows)
    {
        (_operations, _decider) = (operations, decider);
        _room = new DeciderRoom(operations.Device, decider, rows);
        _linear = new DeciderLinearPass(operations);
    }

    /// <summary>The logits of the rows' decisions.</summary>
    /// <param name="combined">[rows, <see cref="TrainedDecider.CombinedWidth"/>]: the hidden part is read, the rest written.</param>
    /// <param name="topValues">[rows, topK], descending; replaced by their softmax where inputs are normalised.</param>
    /// <param name="rows">How many.</param>
    /// <param name="dropout">Of the blocks; null for none.</param>
    /// <returns>[rows].</returns>
    public Floats Forward(Floats combined, Floats topValues, int rows, DeciderDropout? dropout)
    {
        var config = _decider.Config;
        if (_decider.HiddenNorm is { } norm) NormaliseInput(combined, topValues, rows, norm);
        _linear.Forward(topValues, _decider.LogitsProjection, _room.Projected, rows);
        _operations.Rows.CopyColumns(
            _room.Projected, combined, new ColumnsShape(rows, config.HiddenSize, 0, config.HiddenSize, _decider.HiddenWidth, _decider.CombinedWidth));
        _linear.Forward(combined, _decider.Combined, _room.Combined, rows);
        _linear.Forward(_room.Combined, _decider.Input, _room.BlockInput(0), rows);
        for (var i = 0; i < _decider.Blocks.Count; i++) ForwardBlock(i, rows, dropout);
        var last = _room.BlockInput(_decider.Blocks.Count);
        Norm(last, _decider.OutputNorm, _room.OutputNormed, rows);
        _linear.Forward(_room.OutputNormed, _decider.Output, _room.Decisions, rows);
        return _room.Decisions;
    }

    /// <summary>Adds the gradients of all parameters, from that of the logits; the rows are those of the last <see cref="Forward"/>.</summary>
    /// <param name="dDecisions">[rows].</param>
    /// <param name="combined">As <see cref="Forward"/> left it.</param>
    /// <param name="topValues">Likewise.</param>
    /// <param name="rows">How many.</param>
    /// <param name="dropout">The same.</param>
    public void Backward(Floats dDecisions, Floats combined, Floats topValues, int rows, DeciderDropout? dropout)
    {
        var config = _decider.Config;
        Floats gradient = _room.Gradient(0), other = _room.Gradient(1);
        _linear.Backward(_room.OutputNormed, _decider.Output, dDecisions, other, rows);
        NormBackward(_room.BlockInput(_decider.Blocks.Count), _decider.OutputNorm, other, gradient, rows);
        for (var i = _decider.Blocks.Count - 1; i >= 0; i--)
        {
            BackwardBlock(i, gradient, other, rows, dropout);
            (gradient, other) = (other, gradient);
        }
        _linear.Backward(_room.Combined, _decider.Input, gradient, other, rows);
        var dCombined = _room.CombinedGradient;
        _linear.Backward(combined, _decider.Combined, other, dCombined, rows);
        _operations.Rows.CopyColumns(
            dCombined, _room.ProjectedGradient,
            new ColumnsShape(rows, config.HiddenSize, _decider.HiddenWidth, _decider.CombinedWidth, 0, config.HiddenSize));
        _linear.Backward(topValues, _decider.LogitsProjection, _room.ProjectedGradient, default, rows);
        if (_decider.HiddenNorm is { } norm) HiddenNormBackward(dCombined, rows, norm);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _room.Dispose();
        _linear.Dispose();
    }

    private void NormaliseInput(Floats combined, Floats topValues, int rows, TrainedNorm norm)
    {
        var (hidden, width) = (_decider.HiddenWidth, _decider.CombinedWidth);
        _operations.Rows.CopyColumns(combined, _room.HiddenPart, new ColumnsShape(rows, hidden, 0, width, 0, hidden));
        Norm(_room.HiddenPart, norm, _room.HiddenNormed, rows);
        _operations.Rows.CopyColumns(_room.HiddenNormed, combined, new ColumnsShape(rows, hidden, 0, hidden, 0, width));
        _operations.Rows.Softmax(topValues, topValues, new RowsShape(rows, _decider.Config.TopK));
    }

    private void HiddenNormBackward(Floats dCombined, int rows, TrainedNorm norm)
    {
        var hidden = _decider.HiddenWidth;
        _operations.Rows.CopyColumns(dCombined, _room.HiddenNormed, new ColumnsShape(rows, hidden, 0, _decider.CombinedWidth, 0, hidden));
        NormBackward(_room.HiddenPart, norm, _room.HiddenNormed, _room.HiddenNormed, rows);
    }

    private void ForwardBlock(int index, int rows, DeciderDropout? dropout)
    {
        var (block, room) = (_decider.Blocks[index], _room.Blocks[index]);
        Floats x = _room.BlockInput(index), y = _room.BlockInput(index + 1);
        Norm(x, block.Norm, room.Normed, rows);
        _linear.Forward(room.Normed, block.Expand, room.Expanded, rows);
        var inner = (long)rows * block.Expand.Matrix.Weight.Outputs;
        _operations.Gelu.Run(room.Expanded, room.Activated, inner);
        dropout?.Run(_operations, room.Activated, inner, 2 * index);
        _linear.Forward(room.Activated, block.Contract, _room.Contracted, rows);
        var outer = (long)rows * block.Contract.Matrix.Weight.Outputs;
        dropout?.Run(_operations, _room.Contracted, outer, (2 * index) + 1);
        if (block.DimChange is { } change) _linear.Forward(x, change, y, rows);
        else x.SubView(0, outer).CopyTo(_operations.Device.Accelerator.DefaultStream, y.SubView(0, outer));
        _operations.Rows.Add(_room.Contracted, y, outer);
    }

    /// <summary>dx from dy.</summary>
    private void BackwardBlock(int index, Floats dy, Floats dx, int rows, DeciderDropout? dropout)
    {
        var (block, room) = (_decider.Blocks[index], _room.Blocks[index]);
        var x = _room.BlockInput(index);
        long outer = (long)rows * block.Contract.Matrix.Weight.Outputs, inner = (long)rows * block.Expand.Matrix.Weight.Outputs;
        if (block.DimChange is { } change) _linear.Backward(x, change, dy, dx, rows);
        else dy.SubView(0, outer).CopyTo(_operations.Device.Accelerator.DefaultStream, dx.SubView(0, outer));
        var dropped = dy;
        if (dropout is not null)
        {
            dropped = _room.Contracted;
            dy.SubView(0, outer).CopyTo(_operations.Device.Accelerator.DefaultStream, dropped.SubView(0, outer));
            dropout.Run(_operations, dropped, outer, (2 * index) + 1);
        }
        _linear.Backward(room.Activated, block.Contract, dropped, _room.InnerGradient, rows);
        dropout?.Run(_operations, _room.InnerGradient, inner, 2 * index);
        _operations.GeluBackward.Run(room.Expanded, _room.InnerGradient, _room.InnerGradient, inner);
        _linear.Backward(room.Normed, block.Expand, _room.InnerGradient, _room.NormedGradient, rows);
        NormBackward(x, block.Norm, _room.NormedGradient, _room.NormedGradient, rows);
        _operations.Rows.Add(_room.NormedGradient, dx, (long)rows * block.Expand.Matrix.Weight.Inputs);
    }

    private void Norm(Floats x, TrainedNorm norm, Floats y, int rows) =>
        _operations.LayerNorm.Run(x, norm.Weight.Value, norm.Bias.Value, y, Shape(norm, rows));

    private void NormBackward(Floats x, TrainedNorm norm, Floats dy, Floats dx, int rows) =>
        _operations.LayerNormBackward.Run(x, norm.Weight.Value, dy, dx, norm.Weight.Gradient, norm.Bias.Gradient, Shape(norm, rows));

    private static LayerNormShape Shape(TrainedNorm norm, int rows) => new(rows, (int)norm.Weight.Value.Length, DeciderNorm.Epsilon);
}
