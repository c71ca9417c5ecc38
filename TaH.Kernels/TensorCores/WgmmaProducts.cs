using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Launches <see cref="WgmmaProduct"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class WgmmaProducts(ComputeDevice device) : TensorProducts(device, MatMulVariant.CudaWgmma)
{
    private readonly ComputeDevice _device = device;
    private readonly TensorMaps _maps = new(device);
    private readonly Dictionary<(WgmmaGeometry, TensorStore), Loaded> _loaded = [];

    public override bool Gates => true;

    /// <inheritdoc/>
    public override void Dispose() => _maps.Dispose();

    /// <summary>The launch with a given geometry.</summary>
    public void Launch(WgmmaGeometry geometry, Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        var columns = store == TensorStore.Gated ? geometry.Columns / 2 : geometry.Columns;
        var map = _maps.Of((ulong)x.Buffer.LoadEffectiveAddressAsPtr(), x.Buffer.Length / x.Width, x.Width, WgmmaProduct.TileRows);
        var task = Task(
            map, x.From, x.Count, x.Width, alpha, geometry.GroupsTogether * WgmmaProduct.TileRows, columns, targets,
            weight => _maps.Of(weight.Address, weight.Rows, weight.Columns, geometry.Columns / 2));
        if (store == TensorStore.Gated)
            task = task with { ColumnTiles = Pieces(task.A.Outer, columns), B = task.B with { FirstTile = TensorProductTask.NoTile } };
        if (!_loaded.TryGetValue((geometry, store), out var kernel)) _loaded[(geometry, store)] = kernel = Load(geometry, store);
        var together = Math.Min(task.RowTiles * task.ColumnTiles, _device.Accelerator.NumMultiprocessors / geometry.GroupsTogether);
        kernel.Launch(together * geometry.GroupsTogether, task);
    }

    protected override void Launch(Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        Span<int> outers = stackalloc int[targets.Length];
        for (var i = 0; i < targets.Length; i++) outers[i] = targets[i].Weight.Rows;
        if (store == TensorStore.Gated) outers = [2 * outers[0]];
        var choices = store == TensorStore.Gated ? WgmmaGeometry.Widest : WgmmaGeometry.All;
        Launch(WgmmaGeometry.Choose(choices, x.Count, x.Width, outers, _device.Accelerator.NumMultiprocessors), x, store, alpha, targets);
    }

    /// <summary>The kernel of a geometry and a store, generic arguments filled in, and the shared memory that it needs.</summary>
    internal static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel(WgmmaGeometry geometry, TensorStore store) => geometry.Columns switch
    {
        256 => Kernel<WgmmaTile256>(geometry, store),
        192 => Kernel<WgmmaTile192>(geometry, store),
        128 => Kernel<WgmmaTile128>(geometry, store),
        _ => Kernel<WgmmaTile64>(geometry, store),
    };

    private static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel<TTile>(WgmmaGeometry geometry, TensorStore store)
        where TTile : struct, IWgmmaTile => store switch
    {
        TensorStore.Replace => Kernel<TTile, StoreSingles<ReplacePair>>(geometry),
        TensorStore.Add => Kernel<TTile, StoreSingles<AddPair>>(geometry),
        TensorStore.Bfloat16 => Kernel<TTile, StoreBfloat16<ScaledSums>>(geometry),
        _ => Kernel<TTile, StoreBfloat16<GatedSums>>(geometry),
    };

    private static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel<TTile, TStore>(WgmmaGeometry geometry)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore => (
        geometry.GroupsTogether == 2 ? WgmmaProduct.Run<TTile, TStore, WgmmaPair> : WgmmaProduct.Run<TTile, TStore, WgmmaAlone>,
        WgmmaProduct.SharedBytes<TTile, TStore>());

    private Loaded Load(WgmmaGeometry geometry, TensorStore store)
    {
        var (kernel, sharedBytes) = Kernel(geometry, store);
        return new Loaded(_device, kernel, WgmmaProduct.GroupSize, sharedBytes);
    }
}
