using ILGPU;

namespace TaH.Kernels;

/// <summary>The portable kernels of the forward pass, compiled for each element type when it is first met.</summary>
internal sealed class SoftEmbeddingLaunches(ComputeDevice device)
{
    private readonly Action<KernelConfig, Floats, Floats, int> _softmax = device.Load<Floats, Floats, int>(SoftEmbeddingPortable.Softmax);

    private readonly Action<KernelConfig, Floats, RowSpread> _clear = device.Load<Floats, RowSpread>(SoftEmbeddingPortable.Clear);

    private readonly Action<KernelConfig, Floats, Ints, Floats, SoftEmbeddingShape> _expand =
        device.Load<Floats, Ints, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Expand);

    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, RowSpread, int> _f32 =
        device.Load<Floats, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingPortable.Mix<float, SingleFormat>);

    private readonly Action<KernelConfig, Halves, Floats, Ints, Floats, RowSpread, int> _f16 =
        device.Load<Halves, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingPortable.Mix<ushort, HalfFormat>);

    private readonly Action<KernelConfig, Halves, Floats, Ints, Floats, RowSpread, int> _bf16 =
        device.Load<Halves, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingPortable.Mix<ushort, Bfloat16Format>);

    public void Run(WeightMatrix embedding, Floats values, Ints tokens, Floats probabilities, Floats x, SoftEmbeddingShape shape)
    {
        _softmax((shape.Rows, device.GroupSize), values, probabilities, shape.K);
        var spread = RowSpread.Whole(device, shape.Rows, shape.Hidden);
        var config = spread.Config(device);
        if (embedding.Type == ElementType.F32) _f32(config, embedding.Singles, probabilities, tokens, x, spread, shape.K);
        else (embedding.Type == ElementType.F16 ? _f16 : _bf16)(config, embedding.Halves, probabilities, tokens, x, spread, shape.K);
    }

    public void Expand(Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape)
    {
        var spread = RowSpread.InPieces(device, shape.Rows, shape.Vocab);
        _clear(spread.Config(device), dense, spread); // not ILGPU's memset, which fails on OpenCL for a view that begins within a buffer
        if (shape.Mixed > 0) _expand(Elements.Config(device, shape.Mixed), probabilities, tokens, dense, shape);
    }
}
