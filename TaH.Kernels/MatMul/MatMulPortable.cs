using ILGPU;

namespace TaH.Kernels;

/// <summary>The portable kernels of one variant, compiled when first asked for, and how each is launched.</summary>
internal sealed class MatMulPortable(ComputeDevice device, MatMulVariant variant)
{
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, MatMulTask> _single =
        Load<float, SingleFormat>(device, variant);

    private readonly Action<KernelConfig, Floats, Halves, Floats, Floats, MatMulTask> _half =
        Load<ushort, HalfFormat>(device, variant);

    private readonly Action<KernelConfig, Floats, Halves, Floats, Floats, MatMulTask> _bfloat16 =
        Load<ushort, Bfloat16Format>(device, variant);

    private readonly Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask> _singleWords =
        LoadWords<SingleWords>(device);

    private readonly Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask> _halfWords =
        LoadWords<HalfWords>(device);

    private readonly Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask> _bfloat16Words =
        LoadWords<Bfloat16Words>(device);

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
                _singleWords(config, x, weight.Singles.Cast<Word16>(), bias, y, task);
                break;
            case ElementType.F16:
                _halfWords(config, x, weight.Halves.Cast<Word16>(), bias, y, task);
                break;
            default:
                _bfloat16Words(config, x, weight.Halves.Cast<Word16>(), bias, y, task);
                break;
        }
    }

    private void RunInElements(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        var config = Geometry(task);
        switch (weight.Type)
        {
            case ElementType.F32:
                _single(config, x, weight.Singles, bias, y, task);
                break;
            case ElementType.F16:
                _half(config, x, weight.Halves, bias, y, task);
                break;
            default:
                _bfloat16(config, x, weight.Halves, bias, y, task);
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

    private static Action<KernelConfig, Floats, ArrayView<TStored>, Floats, Floats, MatMulTask> Load<TStored, TFormat>(
        ComputeDevice device, MatMulVariant variant)
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored> =>
        device.Load<Floats, ArrayView<TStored>, Floats, Floats, MatMulTask>(
            variant == MatMulVariant.PortableTiled ? MatMulTiled.Kernel<TStored, TFormat> : MatMulRowPerGroup.Kernel<TStored, TFormat>);

    private static Action<KernelConfig, Floats, ArrayView<Word16>, Floats, Floats, MatMulTask> LoadWords<TWords>(ComputeDevice device)
        where TWords : struct, IWordFormat =>
        device.Load<Floats, ArrayView<Word16>, Floats, Floats, MatMulTask>(MatMulRowPerThread.Kernel<TWords>);

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
