namespace TaH.Kernels;

/// <summary>The low-rank update that deep rows add to a linear layer's output: two thin matrix products through a scratch of its own.</summary>
public sealed class Lora : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly MatMulByRows _products;
    private readonly FloatBuffer _reduced; // [rows, rank]
    private readonly long _capacity;

    /// <summary>Allocates the scratch.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="products">What multiplies.</param>
    /// <param name="maxRows">The most rows of an update.</param>
    /// <param name="maxRank">The largest rank of an update.</param>
    public Lora(ComputeDevice device, MatMulByRows products, int maxRows, int maxRank)
    {
        (_device, _products) = (device, products);
        _capacity = (long)maxRows * maxRank;
        _reduced = device.AllocateFloats(_capacity);
    }

    /// <summary>y[r] += scale * (x[r] A^T) B^T for the rows r from <paramref name="fromRow"/> on.</summary>
    /// <param name="x">[all rows, inputs]: the input of the linear layer.</param>
    /// <param name="pair">A, B and scale.</param>
    /// <param name="y">[all rows, outputs]: the layer's output, added to.</param>
    /// <param name="fromRow">The first row that is updated; earlier ones stay as they are.</param>
    /// <param name="rows">How many rows are updated.</param>
    /// <exception cref="ShapeException">A view is too short, A and B disagree on the rank, or the scratch is too small.</exception>
    /// <remarks>Source: arXiv 2106.09685.</remarks>
    public void Run(Floats x, LoraPair pair, Floats y, int fromRow, int rows)
    {
        int inputs = pair.A.Columns, rank = pair.A.Rows, outputs = pair.B.Rows;
        ShapeException.ThrowIfShorter(x, ((long)fromRow + rows) * inputs, nameof(x));
        ShapeException.ThrowIfShorter(y, ((long)fromRow + rows) * outputs, nameof(y));
        if ((long)rows * rank > _capacity) throw new ShapeException("scratch", _capacity, (long)rows * rank);
        if (rows == 0) return;
        MatMulShape reduce = new(rows, inputs, rank), expand = new(rows, rank, outputs, Alpha: pair.Scale, Accumulate: true);
        var work = new KernelWork(reduce.BytesMoved(pair.A.Type) + expand.BytesMoved(pair.B.Type),
            reduce.Flops + expand.Flops, rows, inputs, outputs);
        using var _ = _device.Profile(nameof(Lora), MatMul.Choose(_device, rows, pair.A), work);
        _products.For(rows, pair.A).Run(x.SubView((long)fromRow * inputs, (long)rows * inputs), pair.A, _reduced.View, reduce);
        _products.For(rows, pair.B).Run(_reduced.View, pair.B, y.SubView((long)fromRow * outputs, (long)rows * outputs), expand);
    }

    /// <inheritdoc/>
    public void Dispose() => _reduced.Dispose();
}
