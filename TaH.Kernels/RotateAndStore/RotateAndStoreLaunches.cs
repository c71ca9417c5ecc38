using ILGPU;
using SingleLaunch = System.Action<
    ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    ILGPU.ArrayView<int>, ILGPU.ArrayView<int>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, TaH.Kernels.RotateAndStoreShape>;
using HalfLaunch = System.Action<
    ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    ILGPU.ArrayView<int>, ILGPU.ArrayView<int>, ILGPU.ArrayView<ushort>, ILGPU.ArrayView<ushort>, TaH.Kernels.RotateAndStoreShape>;

namespace TaH.Kernels;

/// <summary>The portable kernel, compiled for each KV element type when it is first met.</summary>
internal sealed class RotateAndStoreLaunches(ComputeDevice device)
{
    private readonly SingleLaunch _f32 = device.Load<
        QkvBuffers, Floats, Floats, Floats, Ints, Ints, Floats, Floats, RotateAndStoreShape>(RotateAndStorePortable.Kernel<float, SingleFormat>);

    private readonly HalfLaunch _f16 = device.Load<
        QkvBuffers, Floats, Floats, Floats, Ints, Ints, Halves, Halves, RotateAndStoreShape>(RotateAndStorePortable.Kernel<ushort, HalfFormat>);

    private readonly HalfLaunch _bf16 = device.Load<
        QkvBuffers, Floats, Floats, Floats, Ints, Ints, Halves, Halves, RotateAndStoreShape>(RotateAndStorePortable.Kernel<ushort, Bfloat16Format>);

    public void Run(
        KernelConfig config, QkvBuffers qkv, Floats queryNorm, Floats keyNorm, Floats rope, RowTable rows, KvLayer cache, RotateAndStoreShape shape)
    {
        if (cache.Shape.Type == ElementType.F32)
        {
            _f32(config, qkv, queryNorm, keyNorm, rope, rows.Positions, rows.Cells, cache.SingleKeys, cache.SingleValues, shape);
            return;
        }
        var launch = cache.Shape.Type == ElementType.Bf16 ? _bf16 : _f16;
        launch(config, qkv, queryNorm, keyNorm, rope, rows.Positions, rows.Cells, cache.HalfKeys, cache.HalfValues, shape);
    }
}
