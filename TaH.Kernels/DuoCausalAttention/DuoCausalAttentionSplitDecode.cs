using System.Numerics;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// CUDA, rows that do not see each other's new entries: norm, rotary embedding, the new entries and attention in one launch
/// (<see cref="SplitDecodeKernel"/>).
/// </summary>
internal sealed class DuoCausalAttentionSplitDecode : IDisposable
{
    // What a part of the entries has to be worth: a whole batch of a group's eight warps at headDim 128.
    private const int LeastEntries = 64;

    // Parts have to meet in global memory. A step of 1.7B on an H200 with one part and with four: 1,190 and 1,240 us behind 60 entries, 1,225 and
    // 1,244 behind 100, 1,233 and 1,238 behind 128, 1,267 and 1,241 behind 150.
    private const int Undivided = 128;

    private readonly ComputeDevice _device;
    private readonly SplitDecodeLaunches _launches;
    private readonly FloatBuffer _sums;
    private readonly FloatBuffer _softmax;
    private readonly IntBuffer _arrivals;

    /// <summary>Allocates what the parts of a row's entries leave to each other.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    public DuoCausalAttentionSplitDecode(ComputeDevice device)
    {
        _device = device;
        _launches = new SplitDecodeLaunches(device);
        var heads = MaxParts * SplitDecodeKernel.MaxHeads;
        _sums = device.AllocateFloats(heads * SplitDecodeKernel.MaxHeadDim);
        _softmax = device.AllocateFloats(heads * 2);
        _arrivals = device.AllocateInts(MaxParts);
        _arrivals.View.BaseView.MemSetToZero(device.Accelerator.DefaultStream);
        device.Synchronize();
    }

    // As many as the largest bucket would be cut into, and some more for whoever asks for a number of splits.
    private int MaxParts => 16 * _device.Accelerator.NumMultiprocessors;

    /// <summary>Whether the kernel takes a pass. Page tables and entries of other passes must be in memory when the pass begins.</summary>
    public static bool Takes(RowTable rows, DuoCausalAttentionShape shape) =>
        rows.Independent && shape.HeadDim is 32 or 64 or 128 && BitOperations.IsPow2(shape.PageSize) && shape.Heads % shape.KvHeads == 0;

    /// <summary>Into how many parts the entries of each row are cut: a matter of rows and of <see cref="RowTable.VisibleBucket"/>.</summary>
    public int SplitsFor(RowTable rows, DuoCausalAttentionShape shape)
    {
        var heads = SplitDecodeLaunches.HeadsFor(shape);
        var units = shape.Rows * SplitDecodeTask.Of(shape, heads, 1, 0).UnitsPerRow;
        var resident = SplitDecodeLaunches.GroupsPerMultiprocessor(heads) * _device.Accelerator.NumMultiprocessors;
        return Math.Clamp(resident / units, 1, Math.Max(1, rows.VisibleBucket / LeastEntries));
    }

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
    /// <param name="splits">Parts of each row's entries; null for <see cref="SplitsFor"/>, or one where a row sees few.</param>
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
        DuoCausalAttentionShape shape, float epsilon, int? splits = null, bool narrow = false)
    {
        var rotate = new RotateAndStoreShape(shape.Rows, shape.Heads, shape.KvHeads, shape.HeadDim, epsilon);
        RotateAndStore.Check(qkv, queryNorm, keyNorm, rope, rows, cache, rotate);
        DuoCausalAttention.Check(qkv.Query, rows, cache, tables, mixed, shape);
        if (shape.Rows == 0) return;
        if (!Takes(rows, shape)) throw new NotSupportedException($"split decoding does not take {shape}, rows independent: {rows.Independent}");
        rope.Reserve(rows.MaxPosition + 1);
        var heads = SplitDecodeLaunches.HeadsFor(shape);
        var task = SplitDecodeTask.Of(shape, heads, splits ?? SplitsFor(rows, shape), epsilon) with
        {
            Undivided = splits is null ? Undivided : 0, Narrow = narrow ? 1 : 0,
        };
        var work = _device.Profiler is null ? default : Work(rows, cache.Shape.Type, shape, rotate);
        using var _ = _device.Profile(nameof(DuoCausalAttention), "SplitDecode", work);
        var groups = shape.Rows * task.UnitsPerRow * task.Splits;
        if (task.Splits > 1) ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, MaxParts, nameof(splits));
        _launches.Run(
            groups, heads, cache.Shape.Type, qkv, new SplitDecodeWeights(queryNorm, keyNorm, rope.View),
            new SplitDecodeRows(rows.Positions, rows.RowDepths, rows.Cells, new DuoCausalGrid(rows.Sequences, rows.Visible, tables.View)),
            new SplitDecodeMemory(cache.KeyAddress, cache.ValueAddress, _sums.View, _softmax.View, _arrivals.View), mixed, task);
    }

    private static KernelWork Work(RowTable rows, ElementType type, DuoCausalAttentionShape shape, RotateAndStoreShape rotate)
    {
        var work = shape.Work(rows.CountSeen(), type);
        // Queries come once, and stay in the kernel between the two steps.
        return work with { Bytes = work.Bytes + rotate.BytesMoved(type) - (2L * shape.Rows * shape.Heads * shape.HeadDim * sizeof(float)) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums.Dispose();
        _softmax.Dispose();
        _arrivals.Dispose();
    }
}
