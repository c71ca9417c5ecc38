using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Launches <see cref="WgmmaGradient"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class WgmmaGradients(ComputeDevice device) : WeightGradientProducts(device, MatMulVariant.CudaWgmma)
{
    /// <summary>Widths of tiles.</summary>
    public static readonly int[] AllColumns = [256, 192, 128, 64];

    private readonly ComputeDevice _device = device;
    private readonly TensorMaps _maps = device.TensorMaps;
    private readonly Dictionary<(int, bool), TensorLaunch<WeightGradientTask>> _loaded = [];

    protected override ReadOnlySpan<int> Columns => AllColumns;

    /// <summary>The kernel of a width, and the shared memory that it needs.</summary>
    /// <param name="columns">Columns of a tile.</param>
    /// <param name="whole">Whether sums are added to the gradient, or parts of them stored.</param>
    internal static (Action<WeightGradientTask> Kernel, int SharedBytes) Kernel(int columns, bool whole) => columns switch
    {
        256 => Kernel<WgmmaTile256>(whole),
        192 => Kernel<WgmmaTile192>(whole),
        128 => Kernel<WgmmaTile128>(whole),
        64 => Kernel<WgmmaTile64>(whole),
        _ => throw new ArgumentOutOfRangeException(nameof(columns), columns, "no tile is so wide"),
    };

    protected override (ulong Operand, int FromRow) Operand(Bfloat16Rows rows) =>
        (_maps.Of((ulong)rows.Buffer.LoadEffectiveAddressAsPtr(), rows.Buffer.Length / rows.Width, rows.Width, WeightGradientTask.Slice), rows.From);

    protected override void Launch(int columns, WeightGradientTask task)
    {
        var key = (columns, task.Parts == 1);
        if (!_loaded.TryGetValue(key, out var kernel))
        {
            var (run, sharedBytes) = Kernel(columns, task.Parts == 1);
            _loaded[key] = kernel = new TensorLaunch<WeightGradientTask>(_device, run, WgmmaProduct.GroupSize, sharedBytes);
        }
        kernel.Launch(Math.Min(task.Tiles, _device.Accelerator.NumMultiprocessors), task);
    }

    private static (Action<WeightGradientTask> Kernel, int SharedBytes) Kernel<TTile>(bool whole) where TTile : struct, IWgmmaTile =>
        whole ? Kernel<TTile, StoreSingles<AddQuad>>() : Kernel<TTile, StoreSingles<ReplaceQuad>>();

    private static (Action<WeightGradientTask> Kernel, int SharedBytes) Kernel<TTile, TStore>()
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore =>
        (WgmmaGradient.Run<TTile, TStore>, WgmmaGradient.SharedBytes<TTile, TStore>());
}
