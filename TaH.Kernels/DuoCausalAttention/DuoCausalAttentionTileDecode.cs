using System.Numerics;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using Launch = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, TaH.Kernels.SplitDecodeWeights, TaH.Kernels.SplitDecodeRows,
    ulong, ulong, ILGPU.ArrayView<float>, TaH.Kernels.TileDecodeTask>;

namespace TaH.Kernels;

/// <summary>
/// Hopper, rows that do not see each other's new entries, bf16 entries of heads of 128: norm, rotary embedding, the new entries and attention in one
/// launch (<see cref="TileDecodeKernel"/>).
/// </summary>
/// <param name="device">A device that <see cref="Serves"/> says yes to.</param>
internal sealed class DuoCausalAttentionTileDecode(ComputeDevice device)
{
    private Launch? _loaded;

    /// <summary>Whether a device has the instructions.</summary>
    public static bool Serves(ComputeDevice device) => device.Generation == CudaGeneration.Hopper;

    /// <summary>Whether the kernel takes a pass. Page tables and entries of other passes must be in memory when the pass begins.</summary>
    public static bool Takes(RowTable rows, KvShape cache, DuoCausalAttentionShape shape) =>
        rows.Independent && cache.Type == ElementType.Bf16 && shape.HeadDim == TileDecodeKernel.HeadDim && BitOperations.IsPow2(shape.PageSize)
        && shape.Heads % shape.KvHeads == 0;

    /// <summary>Whether the kernel takes a pass and is the fastest.</summary>
    public bool Suits(RowTable rows, KvShape cache, DuoCausalAttentionShape shape) =>
        Takes(rows, cache, shape)
        && TileDecodePlan.KeepsBusy(shape.Rows * shape.KvHeads * BlocksFor(shape), device.Accelerator.NumMultiprocessors);

    /// <summary>
    /// What <see cref="RotateAndStore.Run"/> and then <see cref="DuoCausalAttention.Run"/> compute, except that q and k stay as they are.
    /// </summary>
    /// <param name="qkv">q [rows, heads, headDim], k and v [rows, kvHeads, headDim]: the products.</param>
    /// <param name="queryNorm">[headDim].</param>
    /// <param name="keyNorm">[headDim].</param>
    /// <param name="rope">The angles; grown if a position lies beyond it.</param>
    /// <param name="rows">The pass: each row's cell is that of the last entry it sees at its depth.</param>
    /// <param name="cache">Keys and values of the layer; the rows' cells are written.</param>
    /// <param name="tables">Where the lists lie.</param>
    /// <param name="mixed">[rows, heads, headDim], written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <param name="epsilon">Of the norms.</param>
    /// <param name="narrow">Whether <paramref name="mixed"/> is written as bf16, in the first half of its memory.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's cell, sequence or list is outside the cache or its tables.</exception>
    /// <exception cref="NotSupportedException"><see cref="Takes"/> says no.</exception>
    /// <remarks>
    /// Where the kernel starts before the one in front of it has ended, it reads at once what the host wrote for the pass (rows, page tables) and
    /// entries of earlier passes: none of that may be written by a kernel that is recorded with it. It waits before it reads the products.
    /// </remarks>
    public void Run(
        QkvBuffers qkv, Floats queryNorm, Floats keyNorm, RopeTable rope, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed,
        DuoCausalAttentionShape shape, float epsilon, bool narrow = false)
    {
        var rotate = new RotateAndStoreShape(shape.Rows, shape.Heads, shape.KvHeads, shape.HeadDim, epsilon);
        RotateAndStore.Check(qkv, queryNorm, keyNorm, rope, rows, cache, rotate);
        DuoCausalAttention.Check(qkv.Query, rows, cache, tables, mixed, shape);
        if (shape.Rows == 0) return;
        if (!Takes(rows, cache.Shape, shape)) throw new NotSupportedException($"tile decoding does not take {shape} with {cache.Shape}");
        rope.Reserve(rows.MaxPosition + 1);
        var work = device.Profiler is null ? default : Work(rows, cache, shape, rotate);
        using var _ = device.Profile(nameof(DuoCausalAttention), "TileDecode", work);
        var shared = SharedMemoryConfig.RequestDynamic<float>(new TileDecodeRoom(0, HeadsFor(shape)).Bytes / sizeof(float));
        var grid = new Index3D(BlocksFor(shape), shape.KvHeads, shape.Rows);
        _loaded ??= Load();
        _loaded(
            device.Accelerator.DefaultStream, new KernelConfig(grid, new Index3D(TileDecodeKernel.GroupSize, 1, 1), shared), qkv,
            new SplitDecodeWeights(queryNorm, keyNorm, rope.View),
            new SplitDecodeRows(rows.Positions, rows.RowDepths, rows.Cells, new DuoCausalGrid(rows.Sequences, rows.Visible, tables.View)),
            cache.KeyAddress, cache.ValueAddress, mixed, TileDecodeTask.Of(shape, epsilon, narrow));
    }

    /// <summary>The kernel.</summary>
    internal static MethodInfo Method { get; } = ((Delegate)TileDecodeKernel.Run).Method;

    /// <summary>What it is compiled for.</summary>
    internal static KernelSpecialization Residency => new(TileDecodeKernel.GroupSize, TileDecodeKernel.GroupsPerMultiprocessor);

    private static int HeadsFor(DuoCausalAttentionShape shape) => Math.Min(TileDecodeKernel.MaxHeads, shape.HeadsPerKvHead);

    private static int BlocksFor(DuoCausalAttentionShape shape) =>
        (shape.HeadsPerKvHead + TileDecodeKernel.MaxHeads - 1) / TileDecodeKernel.MaxHeads;

    private static KernelWork Work(RowTable rows, KvLayer cache, DuoCausalAttentionShape shape, RotateAndStoreShape rotate)
    {
        var (type, work) = (cache.Shape.Type, shape.Work(rows.CountSeen(), cache.Shape.Type));
        // Queries come once, and stay in the kernel between the two steps.
        return work with { Bytes = work.Bytes + rotate.BytesMoved(type) - (2L * shape.Rows * shape.Heads * shape.HeadDim * sizeof(float)) };
    }

    private Launch Load()
    {
        var kernel = PtxLoader.Load(device, Method, Residency);
        PtxLoader.AllowSharedMemory(kernel, new TileDecodeRoom(0, TileDecodeKernel.MaxHeads).Bytes);
        return kernel.CreateLauncherDelegate<Launch>();
    }
}
