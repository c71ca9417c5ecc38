namespace TaH.Engine;

/// <summary>The final norm's rows through the head, a chunk at a time: the logits of all rows would not fit.</summary>
internal sealed class HeadPass : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainedMatrix _head;
    private readonly ModelShape _shape;
    private readonly Scratch _gathered;
    private readonly Scratch _gradient;
    private readonly Scratch _logits;
    private readonly ProductOperand _rows;
    private readonly ProductOperand _dLogits;

    /// <summary>Makes room.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="chunk">Rows at a time.</param>
    public HeadPass(TrainingOperations operations, TrainingModel model, int chunk)
    {
        (_operations, _head, _shape, Chunk) = (operations, model.Head, model.Shape, chunk);
        Scratch Room() => new(operations.Device);
        (_gathered, _gradient, _logits) = (Room(), Room(), Room());
        _rows = operations.Products.Allocate(chunk, _shape.Hidden);
        _dLogits = operations.Products.Allocate(chunk, _shape.Vocab);
    }

    /// <summary>Rows at a time.</summary>
    public int Chunk { get; }

    /// <summary>The logits of some rows; valid until the next call.</summary>
    /// <param name="normed">[rows of the pass, hidden].</param>
    /// <param name="rows">Which of them, at most <see cref="Chunk"/>.</param>
    /// <returns>[chosen rows, vocab].</returns>
    public Floats Logits(Floats normed, ILGPU.ArrayView<int> rows)
    {
        Gather(normed, rows);
        var logits = _logits.Reserve(rows.Length * _shape.Vocab);
        _operations.Products.Forward(_rows, _head.Weight, logits);
        return logits;
    }

    /// <summary>The gradients of the head and of some rows, whose <see cref="Logits"/> were asked for last.</summary>
    /// <param name="dLogits">[chosen rows, vocab].</param>
    /// <param name="rows">The chosen rows.</param>
    /// <param name="dNormed">[rows of the pass, hidden]; the chosen ones are written.</param>
    public void Backward(Floats dLogits, ILGPU.ArrayView<int> rows, Floats dNormed)
    {
        var count = (int)rows.Length;
        _operations.Products.Read(_dLogits, dLogits, count);
        var gradient = _gradient.Reserve((long)count * _shape.Hidden);
        _operations.Products.InputGradient(_dLogits, _head.Weight, gradient);
        _operations.SelectRows.Scatter(gradient, rows, dNormed, new SelectRowsShape(count, _shape.Hidden));
        _operations.Products.WeightGradients(_rows, 1, new WeightGradient(_dLogits, _head.Gradient));
    }

    /// <summary>The same for rows whose logits were computed long ago.</summary>
    public void Backward(Floats dLogits, Floats normed, ILGPU.ArrayView<int> rows, Floats dNormed)
    {
        Gather(normed, rows);
        Backward(dLogits, rows, dNormed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { _gathered, _gradient, _logits, _rows, _dLogits }) owned.Dispose();
    }

    private void Gather(Floats normed, ILGPU.ArrayView<int> rows)
    {
        var count = (int)rows.Length;
        var gathered = _gathered.Reserve((long)count * _shape.Hidden);
        _operations.SelectRows.Gather(normed, rows, gathered, new SelectRowsShape(count, _shape.Hidden));
        _operations.Products.Read(_rows, gathered, count);
    }
}
