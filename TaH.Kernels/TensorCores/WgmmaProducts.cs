using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Launches <see cref="WgmmaProduct"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class WgmmaProducts(ComputeDevice device) : TensorProducts(device, MatMulVariant.CudaWgmma)
{
    private readonly ComputeDevice _device = device;
    private readonly TensorMaps _maps = new(device);
    private readonly Dictionary<(int, TensorStore), Loaded> _loaded = [];

    public override bool Gates => true;

    /// <summary>The width of tile that finishes first.</summary>
    /// <param name="rows">Rows of y.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="outers">Columns of y, of each weight.</param>
    /// <param name="multiprocessors">Groups that run at a time.</param>
    public static int ChooseTile(int rows, int inner, ReadOnlySpan<int> outers, int multiprocessors)
    {
        var (best, least) = (0, double.MaxValue);
        foreach (var tile in (ReadOnlySpan<int>)[256, 192, 128, 64])
        {
            var tiles = 0;
            foreach (var outer in outers) tiles += Pieces(outer, tile);
            tiles *= Pieces(rows, WgmmaProduct.TileRows);
            // Microseconds of a wave on an H200, fitted to five shapes: a start and an end, and for each slice a wait and the products.
            var time = Pieces(tiles, multiprocessors) * (3.3 + (inner / WgmmaProduct.Slice * (0.033 + (0.00234 * tile))));
            if (time < least) (best, least) = (tile, time);
        }
        return best;
    }

    /// <inheritdoc/>
    public override void Dispose() => _maps.Dispose();

    /// <summary>The launch with tiles of a given width.</summary>
    public void Launch(int tile, Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        var columns = store == TensorStore.Gated ? tile / 2 : tile;
        var map = _maps.Of((ulong)x.Buffer.LoadEffectiveAddressAsPtr(), x.Buffer.Length / x.Width, x.Width, WgmmaProduct.TileRows);
        var task = Task(
            map, x.From, x.Count, x.Width, alpha, WgmmaProduct.TileRows, columns, targets,
            weight => _maps.Of(weight.Address, weight.Rows, weight.Columns, columns));
        if (store == TensorStore.Gated) task = task with { ColumnTiles = Pieces(task.A.Outer, columns), B = task.B with { FirstTile = TensorProductTask.NoTile } };
        if (!_loaded.TryGetValue((tile, store), out var kernel)) _loaded[(tile, store)] = kernel = Load(tile, store);
        kernel.Launch(task.RowTiles * task.ColumnTiles, task);
    }

    protected override void Launch(Bfloat16Rows x, TensorStore store, float alpha, ReadOnlySpan<TensorTarget> targets)
    {
        Span<int> outers = stackalloc int[targets.Length];
        for (var i = 0; i < targets.Length; i++) outers[i] = targets[i].Weight.Rows;
        var tile = store == TensorStore.Gated ? 256 : ChooseTile(x.Count, x.Width, outers, _device.Accelerator.NumMultiprocessors);
        Launch(tile, x, store, alpha, targets);
    }

    private Loaded Load(int tile, TensorStore store) => tile switch
    {
        256 => Load<WgmmaTile256>(store),
        192 => Load<WgmmaTile192>(store),
        128 => Load<WgmmaTile128>(store),
        _ => Load<WgmmaTile64>(store),
    };

    private Loaded Load<TTile>(TensorStore store) where TTile : struct, IWgmmaTile =>
        new(_device, Kernel<TTile>(store), WgmmaProduct.GroupSize, WgmmaProduct.SharedBytes<TTile>());

    /// <summary>The kernel of a tile and a store, generic arguments filled in.</summary>
    internal static Action<TensorProductTask> Kernel<TTile>(TensorStore store) where TTile : struct, IWgmmaTile => store switch
    {
        TensorStore.Replace => WgmmaProduct.Run<TTile, StoreSingles<ReplacePair>>,
        TensorStore.Add => WgmmaProduct.Run<TTile, StoreSingles<AddPair>>,
        TensorStore.Bfloat16 => WgmmaProduct.Run<TTile, StoreBfloat16<ScaledSums>>,
        _ => WgmmaProduct.Run<TTile, StoreBfloat16<GatedSums>>,
    };
}
