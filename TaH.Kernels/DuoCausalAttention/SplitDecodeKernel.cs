using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Rows that do not see each other's new entries, in one launch: a group takes a row, a key head and a part of the entries. It norms and rotates the
/// query heads that share the key head, and its warps walk over the entries with wide loads and a softmax each; these meet in shared memory, and what
/// the groups of a row leave in global memory is merged by the last that comes. The first part's group makes the row's own entry, which everybody
/// takes from shared memory: nobody reads what this launch writes.
/// </summary>
internal static class SplitDecodeKernel
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Threads of a warp.</summary>
    public const int WarpSize = 32;

    /// <summary>Warps of a group.</summary>
    public const int Warps = GroupSize / WarpSize;

    /// <summary>The most query heads of a group.</summary>
    public const int MaxHeads = 4;

    /// <summary>The widest head.</summary>
    public const int MaxHeadDim = 128;

    /// <summary>One launch.</summary>
    /// <typeparam name="TOctet">Eight stored elements.</typeparam>
    /// <typeparam name="TFormat">How they are read.</typeparam>
    /// <typeparam name="TEntry">How they are written.</typeparam>
    /// <typeparam name="TLanes">How wide a head is.</typeparam>
    /// <typeparam name="THeads">How many query heads a group takes.</typeparam>
    /// <param name="qkv">The products, as they come; only read.</param>
    /// <param name="weights">Norms and angles.</param>
    /// <param name="rows">The pass, [rows].</param>
    /// <param name="memory">The cache, and what splits leave.</param>
    /// <param name="mixed">[rows, heads, headDim], written.</param>
    /// <param name="task">The sizes.</param>
    public static void Run<TOctet, TFormat, TEntry, TLanes, THeads>(
        QkvBuffers qkv, SplitDecodeWeights weights, SplitDecodeRows rows, SplitDecodeMemory memory, Floats mixed, SplitDecodeTask task)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TEntry : struct, IEntryFormat
        where TLanes : struct, IEntryLanes where THeads : unmanaged, IQueryHeads<THeads>
    {
        PtxInstructions.LetNextStart();
        var queries = SharedMemory.Allocate<float>(MaxHeads * MaxHeadDim);  // [heads, headDim], scaled
        var own = SharedMemory.Allocate<float>(2 * MaxHeadDim);             // the row's own key, then its value
        int unit = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits;
        var row = unit / task.UnitsPerRow;
        int kvHead = unit % task.UnitsPerRow / task.Blocks, block = unit % task.Blocks;
        int warp = Group.IdxX / WarpSize, lane = Group.IdxX % WarpSize;
        // Entries before the row's own are of earlier passes, and rows and page tables were written before this one: no need to wait for them.
        var walk = new SplitDecodeWalk<TOctet, TFormat, TLanes>(rows, memory, row, kvHead, split, Group.IdxX, task);
        if (split > 0 && walk.IsWhole) return;
        var first = walk.WarpFirst;
        EntryBatch<TOctet> keys = default, values = default;
        var cell = 0;
        if (walk.Has(first))
        {
            cell = walk.Cell(first);
            keys = walk.Keys(cell);
            values = walk.Values(cell);
            cell = walk.Cell(first + SplitDecodeWalk<TOctet, TFormat, TLanes>.Stride);
        }
        var heads = default(THeads).Count;
        var preparation = new SplitDecodePreparation<TLanes>(weights, rows, row, warp < heads ? 0 : 1, lane);
        PtxInstructions.WaitForPrevious();

        var firstHead = (kvHead * task.HeadsPerKvHead) + (block * heads);
        var firstOfAll = (row * task.Heads) + firstHead; // among the heads of all rows; 32 bits, since registers are short
        var known = IntrinsicMath.Min(heads, task.HeadsPerKvHead - (block * heads));
        if (warp < heads) preparation.Query(qkv.Query, firstOfAll + warp, warp < known, queries, warp, task);
        else if (split == 0 && warp < heads + 2)
            preparation.Own<TEntry>(
                qkv, memory, ((long)row * task.KvHeads) + kvHead, ((long)rows.Cells[row] * task.KvHeads) + kvHead, warp > heads, block == 0,
                default(TFormat).ElementBytes, own, task);
        Group.Barrier();

        var stride = task.HeadDim * sizeof(float);
        var part = (ulong)(lane % default(TLanes).Count * (2 * Word16.Bytes));
        var state = default(THeads).Of(PtxInstructions.AddressOf(ref queries[0]) + part, stride);
        // The last warp is the first to run out of entries.
        if (split == 0 && warp == Warps - 1)
            state = default(THeads).See(
                state, PtxInstructions.AddressOf(ref own[0]) + part, PtxInstructions.AddressOf(ref own[MaxHeadDim]) + part, default(TLanes).Count,
                lane < default(TLanes).Count);
        while (walk.Has(first))
        {
            var next = first + SplitDecodeWalk<TOctet, TFormat, TLanes>.Stride;
            state = default(THeads).Score<TOctet, TFormat>(state, keys, default(TLanes).Count, walk.Known(first));
            if (walk.Has(next)) keys = walk.Keys(cell); // on their way while the values are added
            state = default(THeads).Add<TOctet, TFormat>(state, values);
            if (walk.Has(next))
            {
                values = walk.Values(cell);
                cell = walk.Cell(next + SplitDecodeWalk<TOctet, TFormat, TLanes>.Stride);
            }
            first = next;
        }

        var meeting = new SplitDecodeMeeting<TLanes, THeads>(unit, split, task);
        meeting.Gather(state, part, lane, warp);
        if (walk.IsWhole)
        {
            meeting.Finish(mixed, firstOfAll, known);
            return;
        }
        meeting.Leave(memory);
        if (!meeting.IsLast(memory)) return;
        state = meeting.Collect(default(THeads).Of(PtxInstructions.AddressOf(ref queries[0]) + part, stride), memory, lane, warp);
        meeting.Gather(state, part, lane, warp);
        meeting.Finish(mixed, firstOfAll, known);
    }
}
