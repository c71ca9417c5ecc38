using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The low-rank update of deep rows that are bf16: on tensor cores where A and B are bf16 of whole 16 bytes, else from widened rows by
/// <see cref="Lora"/>.
/// </summary>
internal sealed class CudaManyRowsLora(ComputeDevice device, TensorProducts products, Bfloat16Copy copy, int maxRows) : IDisposable
{
    private readonly Dictionary<int, MemoryBuffer1D<ushort, Stride1D.Dense>> _reduced = []; // [maxRows, rank], by rank
    private readonly Dictionary<int, FloatBuffer> _widened = []; // [maxRows, width], by width
    private readonly MatMulByRows _portable = new(device, portableOnly: true);
    private readonly Dictionary<int, Lora> _exact = []; // by rank

    /// <summary>y[r] += scale * (x[r] A^T) B^T for the rows from <paramref name="fromRow"/> on.</summary>
    /// <param name="x">The input of the linear layer.</param>
    /// <param name="projection">The layer; without an update nothing happens.</param>
    /// <param name="y">[rows of x, outputs].</param>
    /// <param name="fromRow">The first deep row, counted from the first of x.</param>
    public void Run(Bfloat16Rows x, Projection projection, Floats y, int fromRow)
    {
        var deep = x with { From = x.From + fromRow, Count = x.Count - fromRow };
        if (projection.Lora is not { } pair || deep.Count <= 0) return;
        var rank = pair.A.Rows;
        var updated = y.SubView((long)fromRow * pair.B.Rows);
        if (TensorProducts.Takes(pair.A) && TensorProducts.Takes(pair.B))
        {
            var reduced = Reduced(rank);
            products.Run(deep, TensorStore.Bfloat16, alpha: 1, new TensorTarget(pair.A, (ulong)reduced.LoadEffectiveAddressAsPtr()));
            products.Run(
                new Bfloat16Rows(reduced, rank, 0, deep.Count), TensorStore.Add, pair.Scale,
                new TensorTarget(pair.B, (ulong)updated.LoadEffectiveAddressAsPtr()));
            return;
        }
        if (!_widened.TryGetValue(x.Width, out var widened)) _widened[x.Width] = widened = device.AllocateFloats((long)maxRows * x.Width);
        if (!_exact.TryGetValue(rank, out var exact)) _exact[rank] = exact = new Lora(device, _portable, maxRows, rank);
        copy.Widen(deep.Buffer.SubView((long)deep.From * deep.Width), widened.View, (long)deep.Count * deep.Width);
        exact.Run(widened.View, pair, updated, fromRow: 0, deep.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _reduced.Values) buffer.Dispose();
        foreach (var buffer in _widened.Values) buffer.Dispose();
        foreach (var lora in _exact.Values) lora.Dispose();
        _portable.Dispose();
    }

    private Halves Reduced(int rank)
    {
        if (!_reduced.TryGetValue(rank, out var reduced))
            _reduced[rank] = reduced = device.Accelerator.Allocate1D<ushort>((long)maxRows * rank);
        return reduced.View;
    }
}
