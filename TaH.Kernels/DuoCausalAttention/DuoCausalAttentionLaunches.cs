using ILGPU;
using static TaH.Kernels.DuoCausalAttentionPortable;
using Shape = TaH.Kernels.DuoCausalAttentionShape;

namespace TaH.Kernels;

/// <summary>The portable kernels, compiled for each KV element type when it is first met.</summary>
internal sealed class DuoCausalAttentionLaunches(ComputeDevice device)
{
    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Floats, Floats, Floats, Shape> _wholeF32 =
        device.Load<Floats, DuoCausalGrid, Floats, Floats, Floats, Shape>(Whole<float, SingleFormat>);

    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Halves, Halves, Floats, Shape> _wholeF16 =
        device.Load<Floats, DuoCausalGrid, Halves, Halves, Floats, Shape>(Whole<ushort, HalfFormat>);

    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Halves, Halves, Floats, Shape> _wholeBf16 =
        device.Load<Floats, DuoCausalGrid, Halves, Halves, Floats, Shape>(Whole<ushort, Bfloat16Format>);

    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Floats, Floats, Floats, Shape, int> _partF32 =
        device.Load<Floats, DuoCausalGrid, Floats, Floats, Floats, Shape, int>(Part<float, SingleFormat>);

    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Halves, Halves, Floats, Shape, int> _partF16 =
        device.Load<Floats, DuoCausalGrid, Halves, Halves, Floats, Shape, int>(Part<ushort, HalfFormat>);

    private readonly Action<KernelConfig, Floats, DuoCausalGrid, Halves, Halves, Floats, Shape, int> _partBf16 =
        device.Load<Floats, DuoCausalGrid, Halves, Halves, Floats, Shape, int>(Part<ushort, Bfloat16Format>);

    private readonly Action<KernelConfig, Floats, Floats, Shape, int> _combine =
        device.Load<Floats, Floats, Shape, int>(DuoCausalAttentionPortable.Combine);

    public void Whole(KernelConfig config, Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, Shape shape)
    {
        if (cache.Shape.Type == ElementType.F32) _wholeF32(config, query, grid, cache.SingleKeys, cache.SingleValues, mixed, shape);
        else (cache.Shape.Type == ElementType.F16 ? _wholeF16 : _wholeBf16)(
            config, query, grid, cache.HalfKeys, cache.HalfValues, mixed, shape);
    }

    public void Part(KernelConfig config, Floats query, DuoCausalGrid grid, KvLayer cache, Floats partials, Shape shape, int splits)
    {
        if (cache.Shape.Type == ElementType.F32) _partF32(config, query, grid, cache.SingleKeys, cache.SingleValues, partials, shape, splits);
        else (cache.Shape.Type == ElementType.F16 ? _partF16 : _partBf16)(
            config, query, grid, cache.HalfKeys, cache.HalfValues, partials, shape, splits);
    }

    public void Combine(KernelConfig config, Floats partials, Floats mixed, Shape shape, int splits) =>
        _combine(config, partials, mixed, shape, splits);
}
