using ILGPU;
using ILGPU.Runtime;
using Attend = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, TaH.Kernels.FlashTask>;
using Prepare = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, TaH.Kernels.SplitDecodeWeights, TaH.Kernels.SplitDecodeRows,
    ulong, ulong, ulong, int, TaH.Kernels.SplitDecodeTask>;

namespace TaH.Kernels;

/// <summary>
/// Hopper, many rows: norm, rotary embedding and new entries in one launch (<see cref="FlashPreparation"/>), attention on tensor cores in a second
/// (<see cref="FlashKernel"/>). Queries, keys, values and weights are bf16; scores, the softmax and all sums are f32.
/// </summary>
internal sealed class DuoCausalAttentionFlash : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _queries;
    private readonly TensorMaps _maps;
    private readonly int _maxRows;
    private readonly Lazy<Prepare> _prepare;
    private readonly Lazy<Attend> _attend;

    /// <summary>Makes room for the queries of a pass.</summary>
    /// <param name="device">A Hopper card.</param>
    /// <param name="maxRows">Rows of the largest pass.</param>
    /// <param name="heads">Query heads of the model.</param>
    public DuoCausalAttentionFlash(ComputeDevice device, int maxRows, int heads)
    {
        (_device, _maxRows) = (device, maxRows);
        _queries = device.Accelerator.Allocate1D<ushort>((long)maxRows * heads * FlashKernel.HeadDim);
        _maps = device.TensorMaps;
        _prepare = new Lazy<Prepare>(() =>
            PtxLoader.Load(device, ((Delegate)FlashPreparation.Run).Method, new KernelSpecialization(FlashPreparation.GroupSize, null))
                .CreateLauncherDelegate<Prepare>());
        _attend = new Lazy<Attend>(() =>
        {
            var kernel = PtxLoader.Load(device, ((Delegate)FlashKernel.Run).Method, new KernelSpecialization(FlashKernel.GroupSize, 1));
            PtxLoader.AllowSharedMemory(kernel, FlashKernel.SharedBytes);
            return kernel.CreateLauncherDelegate<Attend>();
        });
    }

    /// <summary>Whether a device has the instructions, and products may round to bf16.</summary>
    public static bool Serves(ComputeDevice device, ProductPrecision precision = ProductPrecision.Auto) =>
        MatMul.ForTensorCores(device, precision) == MatMulVariant.CudaWgmma;

    /// <summary>Whether the kernels take a pass: rows cut into tiles, heads of 128 in pairs, a cache of bf16 in whole pages of a tile.</summary>
    public static bool Takes(RowTable rows, KvShape cache, DuoCausalAttentionShape shape) =>
        rows.TileCount > 0 && shape.HeadDim == FlashKernel.HeadDim && shape.Heads % shape.KvHeads == 0 && shape.HeadsPerKvHead % 2 == 0
        && cache.Type == ElementType.Bf16 && shape.PageSize is 8 or 16 or 32 or 64 or 128;

    /// <summary>
    /// What <see cref="RotateAndStore.Run"/> and then <see cref="DuoCausalAttention.Run"/> compute, except that q and k stay as they are.
    /// </summary>
    /// <param name="qkv">q [rows, heads, headDim], k and v [rows, kvHeads, headDim]: the products.</param>
    /// <param name="queryNorm">[headDim].</param>
    /// <param name="keyNorm">[headDim].</param>
    /// <param name="rope">The angles; grown if a position lies beyond it.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="cache">Keys and values of the layer; the rows' cells are written.</param>
    /// <param name="tables">Where the lists lie.</param>
    /// <param name="mixed">[rows, heads, headDim], written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <param name="epsilon">Of the norms.</param>
    /// <param name="narrow">Whether <paramref name="mixed"/> is filled as bf16.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's cell, sequence or list is outside the cache or its tables.</exception>
    /// <exception cref="NotSupportedException"><see cref="Takes"/> says no.</exception>
    public void Run(
        QkvBuffers qkv, Floats queryNorm, Floats keyNorm, RopeTable rope, RowTable rows, KvLayer cache, KvPageTables tables, Activations mixed,
        DuoCausalAttentionShape shape, float epsilon, bool narrow)
    {
        var rotate = new RotateAndStoreShape(shape.Rows, shape.Heads, shape.KvHeads, shape.HeadDim, epsilon);
        RotateAndStore.Check(qkv, queryNorm, keyNorm, rope, rows, cache, rotate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Rows, _maxRows, nameof(shape));
        ShapeException.ThrowIfDifferent(mixed.Width, shape.Heads * shape.HeadDim, "a row of mixed");
        var target = narrow ? (ulong)mixed.FillBfloat16().LoadEffectiveAddressAsPtr() : (ulong)mixed.FillSingles().LoadEffectiveAddressAsPtr();
        if (shape.Rows == 0) return;
        if (!Takes(rows, cache.Shape, shape)) throw new NotSupportedException($"flash attention does not take {shape} with {cache.Shape}");
        DuoCausalAttention.Check(qkv.Query, rows, cache, tables, qkv.Query, shape);
        rope.Reserve(rows.MaxPosition + 1);
        var grid = new DuoCausalGrid(rows.Sequences, rows.Visible, tables.View);
        using (_device.Profile(nameof(RotateAndStore), "FourHeadsPerWarp", rotate.Work(cache.Shape.Type)))
        {
            var warps = FlashPreparation.WarpsFor(shape);
            _prepare.Value(
                _device.Accelerator.DefaultStream,
                new KernelConfig((warps + FlashPreparation.Warps - 1) / FlashPreparation.Warps, FlashPreparation.GroupSize),
                qkv, new SplitDecodeWeights(queryNorm, keyNorm, rope.View), new SplitDecodeRows(rows.Positions, rows.RowDepths, rows.Cells, grid),
                cache.KeyAddress, cache.ValueAddress, (ulong)_queries.NativePtr, warps,
                SplitDecodeTask.Of(shape, 1, 1, epsilon));
        }
        var work = _device.Profiler is null ? default : shape.Work(rows.CountSeen(), cache.Shape.Type);
        using (_device.Profile(nameof(DuoCausalAttention), "Flash", work))
        {
            var (cells, width) = (cache.Length / cache.Shape.EntryLength, cache.Shape.EntryLength);
            var task = new FlashTask(
                _maps.Of((ulong)_queries.NativePtr, _maxRows, shape.Heads * shape.HeadDim, FlashKernel.TileRows),
                _maps.Of(cache.KeyAddress, cells, width, shape.PageSize), _maps.Of(cache.ValueAddress, cells, width, shape.PageSize),
                target, narrow ? 1 : 0, rows.TileFirsts, rows.TileRows, grid, shape.Heads, shape.HeadsPerKvHead, shape.PageSize, shape.Depths,
                shape.MaxPages, shape.Scale * MathF.Log2(MathF.E));
            var shared = SharedMemoryConfig.RequestDynamic<float>(FlashKernel.SharedBytes / sizeof(float));
            _attend.Value(
                _device.Accelerator.DefaultStream, new KernelConfig(rows.TileCount * (shape.Heads / 2), FlashKernel.GroupSize, shared), task);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _queries.Dispose();
}
