using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA, many rows: x rounded to bf16, then the product as <see cref="TensorProducts"/> computes it.</summary>
internal sealed class MatMulTensorCores(ComputeDevice device, MatMulVariant variant) : IDisposable
{
    private readonly TensorProducts _products = TensorProducts.Create(device, variant);
    private readonly Bfloat16Copy _copy = new(device);
    private MemoryBuffer1D<ushort, Stride1D.Dense>? _narrowed; // grows to the largest x

    public void Run(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        if (!TensorProducts.Takes(weight))
            throw new NotSupportedException($"variant {variant} multiplies bf16 weights whose rows and columns are multiples of 8");
        var length = (long)task.Rows * task.Inner;
        if (_narrowed is null || _narrowed.Length < length)
        {
            device.ReplaceMemory(); // the last product may still read the old one
            _narrowed?.Dispose();
            _narrowed = device.Accelerator.Allocate1D<ushort>(length);
        }
        Halves narrowed = _narrowed.View;
        _copy.Narrow(x, narrowed, length);
        var target = new TensorTarget(weight, (ulong)y.LoadEffectiveAddressAsPtr(), task.AddBias == 0 ? 0 : (ulong)bias.LoadEffectiveAddressAsPtr());
        _products.Run(
            new Bfloat16Rows(narrowed, task.Inner, 0, task.Rows), task.Accumulate == 0 ? TensorStore.Replace : TensorStore.Add, task.Alpha, target);
    }

    public void Dispose() => _narrowed?.Dispose();
}
