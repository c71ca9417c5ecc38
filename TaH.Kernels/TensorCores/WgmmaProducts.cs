using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Launches <see cref="WgmmaProduct"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class WgmmaProducts(ComputeDevice device) : TensorProducts(device, MatMulVariant.CudaWgmma)
{
    private readonly ComputeDevice _device = device;
    private readonly TensorMaps _maps = device.TensorMaps;
    private readonly Dictionary<(WgmmaGeometry, TensorStore), TensorLaunch<TensorProductTask>> _loaded = [];

    public override bool Gates => true;

    /// <summary>The launch with a given geometry.</summary>
    public void Launch(WgmmaGeometry geometry, Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        var columns = store == TensorStore.Gated ? geometry.Columns / 2 : geometry.Columns;
        var map = _maps.Of((ulong)x.Buffer.LoadEffectiveAddressAsPtr(), x.Buffer.Length / x.Width, x.Width, WgmmaProduct.TileRows);
        var task = Task(
            map, x.From, x.Count, x.Width, alpha, WgmmaProduct.TileRows, columns, targets,
            weight => _maps.Of(weight.Address, weight.Rows, weight.Columns, geometry.Columns / 2));
        if (store == TensorStore.Gated)
            task = task with { ColumnTiles = Pieces(task.A.Outer, columns), B = task.B with { FirstTile = TensorProductTask.NoTile } };
        if (!_loaded.TryGetValue((geometry, store), out var kernel)) _loaded[(geometry, store)] = kernel = Load(geometry, store);
        var tiles = task.RowTiles * task.ColumnTiles;
        // A pair makes one tile; a group alone goes on with the next.
        kernel.Launch(geometry.Parts > 1 ? tiles * geometry.Parts : Math.Min(tiles, _device.Accelerator.NumMultiprocessors), task);
    }

    protected override void Launch(Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        Span<int> outers = stackalloc int[targets.Length];
        for (var i = 0; i < targets.Length; i++) outers[i] = targets[i].Weight.Rows;
        if (store == TensorStore.Gated) outers = [2 * outers[0]];
        var choices = store == TensorStore.Gated ? WgmmaGeometry.Gated : WgmmaGeometry.All;
        Launch(WgmmaGeometry.Choose(choices, x.Count, x.Width, outers, _device.Accelerator.NumMultiprocessors), x, store, alpha, targets);
    }

    /// <summary>The kernel of a geometry and a store, generic arguments filled in, and the shared memory that it needs.</summary>
    internal static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel(WgmmaGeometry geometry, TensorStore store) => geometry switch
    {
        { Columns: 256 } when store == TensorStore.Gated => Kernel<WgmmaTile256, StoreBfloat16<GatedSums<WgmmaTile128>>, WgmmaAlone>(),
        { Columns: 128 } when store == TensorStore.Gated => Kernel<WgmmaTile128, StoreBfloat16<GatedSums<WgmmaTile64>>, WgmmaAlone>(),
        { Parts: 2 } => Kernel<WgmmaTile128, WgmmaSumPair<WgmmaTile64>>(store),
        { Columns: 256 } => Kernel<WgmmaTile256, WgmmaAlone>(store),
        { Columns: 192 } => Kernel<WgmmaTile192, WgmmaAlone>(store),
        { Columns: 128 } => Kernel<WgmmaTile128, WgmmaAlone>(store),
        _ => Kernel<WgmmaTile64, WgmmaAlone>(store),
    };

    private static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel<TTile, TGroups>(TensorStore store)
        where TTile : struct, IWgmmaTile where TGroups : struct, IWgmmaGroups => store switch
    {
        TensorStore.Replace => Kernel<TTile, StoreSingles<ReplaceQuad>, TGroups>(),
        TensorStore.Add => Kernel<TTile, StoreSingles<AddQuad>, TGroups>(),
        TensorStore.Bfloat16 => Kernel<TTile, StoreBfloat16<ScaledSums>, TGroups>(),
        _ => throw new NotSupportedException("gated products are made by groups alone, of 256 or 128 columns"),
    };

    private static (Action<TensorProductTask> Kernel, int SharedBytes) Kernel<TTile, TStore, TGroups>()
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore where TGroups : struct, IWgmmaGroups =>
        (WgmmaProduct.Run<TTile, TStore, TGroups>, WgmmaProduct.SharedBytes<TTile, TStore, TGroups>());

    private TensorLaunch<TensorProductTask> Load(WgmmaGeometry geometry, TensorStore store)
    {
        var (kernel, sharedBytes) = Kernel(geometry, store);
        return new TensorLaunch<TensorProductTask>(_device, kernel, WgmmaProduct.GroupSize, sharedBytes, geometry.Parts);
    }
}
