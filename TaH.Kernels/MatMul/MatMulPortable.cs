using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The portable kernels of one variant, compiled when first asked for, and how each is launched.</summary>
internal sealed class MatMulPortable(ComputeDevice device, MatMulVariant variant)
{
    private Action<KernelConfig, Floats, Floats, Floats, Floats, MatMulTask>? _single;
    private Action<KernelConfig, Floats, Halves, Floats, Floats, MatMulTask>? _half;
    private Action<KernelConfig, Floats, Halves, Floats, Floats, MatMulTask>? _bfloat16;
    private Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask>? _singleWords;
    private Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask>? _halfWords;
    private Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask>? _bfloat16Words;

    public void Run(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        if (variant == MatMulVariant.PortableRowPerThread && task.Inner * (long)WeightMatrix.SizeOf(weight.Type) % Word16.Bytes == 0)
            RunInWords(x, weight, bias, y, task);
        else
            RunInElements(x, weight, bias, y, task);
    }

    private void RunInWords(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        var config = new KernelConfig(
            new Index3D(Pieces(task.Outer, device.GroupSize), Pieces(task.Rows, MatMulTask.RowBlock), 1), new Index3D(device.GroupSize, 1, 1));
        switch (weight.Type)
        {
            case ElementType.F32:
                (_singleWords ??= LoadWords<SingleWords>())(config, x, weight.Singles.Cast<Word16>(), bias, y, task);
                break;
            case ElementType.F16:
                (_halfWords ??= LoadWords<HalfWords>())(config, x, weight.Halves.Cast<Word16>(), bias, y, task);
                break;
            default:
                (_bfloat16Words ??= LoadWords<Bfloat16Words>())(config, x, weight.Halves.Cast<Word16>(), bias, y, task);
                break;
        }
    }

    private void RunInElements(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        var config = Geometry(task);
        switch (weight.Type)
        {
            case ElementType.F32:
                (_single ??= Load<float, SingleFormat>())(config, x, weight.Singles, bias, y, task);
                break;
            case ElementType.F16:
                (_half ??= Load<ushort, HalfFormat>())(config, x, weight.Halves, bias, y, task);
                break;
            default:
                (_bfloat16 ??= Load<ushort, Bfloat16Format>())(config, x, weight.Halves, bias, y, task);
                break;
        }
    }

    private KernelConfig Geometry(MatMulTask task)
    {
        var group = new Index3D(device.GroupSize, 1, 1);
        if (variant != MatMulVariant.PortableTiled)
            return new KernelConfig(new Index3D(task.Outer, Pieces(task.Rows, MatMulTask.RowBlock), 1), group);
        var tile = MatMulTile.Of(device.GroupSize);
        return new KernelConfig(new Index3D(Pieces(task.Outer, tile.Outer), Pieces(task.Rows, tile.Rows), 1), group);
    }

    private Action<KernelConfig, Floats, ArrayView<TStored>, Floats, Floats, MatMulTask> Load<TStored, TFormat>()
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored> =>
        device.Accelerator.LoadStreamKernel<Floats, ArrayView<TStored>, Floats, Floats, MatMulTask>(
            variant == MatMulVariant.PortableTiled ? MatMulTiled.Kernel<TStored, TFormat> : MatMulRowPerGroup.Kernel<TStored, TFormat>);

    private Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask> LoadWords<TWords>() where TWords : struct, IWordFormat =>
        device.Accelerator.LoadStreamKernel<Floats, ArrayView<Word16>, Floats, Floats, MatMulTask>(MatMulRowPerThread.Kernel<TWords>);

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
