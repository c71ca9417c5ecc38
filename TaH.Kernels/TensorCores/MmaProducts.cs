using ILGPU.Runtime;
using Narrow = TaH.Kernels.MmaTwice<TaH.Kernels.MmaStrip>;
using Wide = TaH.Kernels.MmaTwice<TaH.Kernels.MmaTwice<TaH.Kernels.MmaStrip>>;

namespace TaH.Kernels;

/// <summary>Launches <see cref="MmaProduct"/>.</summary>
/// <param name="device">A card of Ampere or newer, or simulated warps.</param>
internal sealed class MmaProducts(ComputeDevice device) : TensorProducts(device, MatMulVariant.CudaMma)
{
    private readonly ComputeDevice _device = device;
    private readonly Dictionary<(bool, TensorStore), TensorLaunch<TensorProductTask>> _loaded = [];

    public override bool Gates => false;

    protected override void Launch(Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        // Narrow tiles only where wide ones leave multiprocessors without work.
        var wide = MmaProduct.TileColumns<Wide>();
        var tiles = 0;
        foreach (var target in targets) tiles += Pieces(target.Weight.Rows, wide);
        Launch(tiles * Pieces(x.Count, MmaProduct.TileRows) >= _device.Accelerator.NumMultiprocessors, x, store, alpha, targets);
    }

    /// <summary>The launch with wide or with narrow tiles.</summary>
    public void Launch(bool wide, Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        var columns = wide ? MmaProduct.TileColumns<Wide>() : MmaProduct.TileColumns<Narrow>();
        var address = (ulong)x.Buffer.LoadEffectiveAddressAsPtr() + ((ulong)x.From * (ulong)x.Width * sizeof(ushort));
        var task = Task(address, 0, x.Count, x.Width, alpha, MmaProduct.TileRows, columns, targets, weight => weight.Address);
        if (!_loaded.TryGetValue((wide, store), out var kernel))
            _loaded[(wide, store)] = kernel = wide ? Load<Wide>(store) : Load<Narrow>(store);
        kernel.Launch(task.RowTiles * task.ColumnTiles, task);
    }

    /// <summary>The kernel of a width and a store, generic arguments filled in.</summary>
    internal static Action<TensorProductTask> Kernel<TSums>(TensorStore store) where TSums : unmanaged, IMmaSums<TSums> => store switch
    {
        TensorStore.Replace => MmaProduct.Run<TSums, MmaStore<MmaReplace>>,
        TensorStore.Add => MmaProduct.Run<TSums, MmaStore<MmaAdd>>,
        TensorStore.Bfloat16 => MmaProduct.Run<TSums, MmaStore<MmaBfloat16>>,
        _ => throw new NotSupportedException("gated products are a thing of wgmma"),
    };

    private TensorLaunch<TensorProductTask> Load<TSums>(TensorStore store) where TSums : unmanaged, IMmaSums<TSums> =>
        new(_device, Kernel<TSums>(store), MmaProduct.GroupSize, MmaProduct.SharedBytes<TSums>());
}
