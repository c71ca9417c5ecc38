using ILGPU.Runtime;
using Narrow = TaH.Kernels.MmaTwice<TaH.Kernels.MmaStrip>;
using Wide = TaH.Kernels.MmaTwice<TaH.Kernels.MmaTwice<TaH.Kernels.MmaStrip>>;

namespace TaH.Kernels;

/// <summary>Launches <see cref="MmaGradient"/>.</summary>
/// <param name="device">A card of Ampere or newer, or simulated warps.</param>
internal sealed class MmaGradients(ComputeDevice device) : WeightGradientProducts(device, MatMulVariant.CudaMma)
{
    /// <summary>Widths of tiles.</summary>
    public static readonly int[] AllColumns = [128, 64];

    private readonly ComputeDevice _device = device;
    private readonly Dictionary<(int, bool), TensorLaunch<WeightGradientTask>> _loaded = [];

    protected override ReadOnlySpan<int> Columns => AllColumns;

    /// <summary>The kernel of a width, and the shared memory that it needs.</summary>
    /// <param name="columns">Columns of a tile.</param>
    /// <param name="whole">Whether sums are added to the gradient, or parts of them stored.</param>
    internal static (Action<WeightGradientTask> Kernel, int SharedBytes) Kernel(int columns, bool whole) =>
        columns == MmaProduct.TileColumns<Wide>() ? Kernel<Wide>(whole) : Kernel<Narrow>(whole);

    protected override (ulong Operand, int FromRow) Operand(Bfloat16Rows rows) =>
        ((ulong)rows.Buffer.LoadEffectiveAddressAsPtr() + ((ulong)rows.From * (ulong)rows.Width * sizeof(ushort)), 0);

    protected override void Launch(int columns, WeightGradientTask task)
    {
        var key = (columns, task.Parts == 1);
        if (!_loaded.TryGetValue(key, out var kernel))
        {
            var (run, sharedBytes) = Kernel(columns, task.Parts == 1);
            _loaded[key] = kernel = new TensorLaunch<WeightGradientTask>(_device, run, MmaProduct.GroupSize, sharedBytes);
        }
        kernel.Launch(task.Tiles, task);
    }

    private static (Action<WeightGradientTask> Kernel, int SharedBytes) Kernel<TSums>(bool whole) where TSums : unmanaged, IMmaSums<TSums> =>
        (whole ? MmaGradient.Run<TSums, MmaStore<MmaAdd>> : MmaGradient.Run<TSums, MmaStore<MmaReplace>>, MmaGradient.SharedBytes<TSums>());
}
