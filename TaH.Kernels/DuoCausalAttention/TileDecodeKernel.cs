using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Hopper, rows that do not see each other's new entries, bf16 entries of heads of 128, in one launch: a group takes a row and a key head. Its warps
/// walk over tiles of 16 entries, each by itself, with two tiles on their way to a ring of its own, and multiply on tensor cores; a query, or a
/// weight, is a sum of two bf16 numbers there, so that next to nothing is lost. What the warps have meets in shared memory.
/// </summary>
/// <remarks>
/// Entries are read before the kernels in front have ended. That is safe, because none of them is written by a kernel of this graph that could still
/// run: rows are independent (<see cref="RowTable.Independent"/>), so a row sees, besides its own entry, only what earlier passes wrote, and their
/// graphs ended before this one began. The row's own entry is the exception: it is made here, from products that are read behind the wait, and goes
/// into shared memory by hand; its cell is not read at all. Rows, page tables, norms and angles were in memory before the graph began, too.
/// </remarks>
internal static class TileDecodeKernel
{
    /// <summary>Threads of a group: few registers, so that it fits beside the groups of the product in front, and starts while they run.</summary>
    public const int GroupSize = Warps * WarpSize;

    /// <summary>Warps of a group.</summary>
    public const int Warps = 3;

    /// <summary>Groups that fit on a multiprocessor: with their registers, and with their rings in shared memory.</summary>
    public const int GroupsPerMultiprocessor = 4;

    /// <summary>Entries of a tile.</summary>
    public const int TileEntries = 16;

    /// <summary>Tiles of a ring.</summary>
    public const int Stages = 2;

    /// <summary>Elements of a head.</summary>
    public const int HeadDim = 128;

    /// <summary>The most query heads of a group.</summary>
    public const int MaxHeads = 4;

    private const int WarpSize = 32;

    /// <summary>One launch.</summary>
    /// <param name="qkv">The products, as they come; only read.</param>
    /// <param name="weights">Norms and angles.</param>
    /// <param name="rows">The pass, [rows].</param>
    /// <param name="keys">Where the layer's keys start.</param>
    /// <param name="values">Where its values start.</param>
    /// <param name="mixed">[rows, heads, headDim], written.</param>
    /// <param name="task">The sizes.</param>
    public static void Run(
        QkvBuffers qkv, SplitDecodeWeights weights, SplitDecodeRows rows, ulong keys, ulong values, Floats mixed, TileDecodeTask task)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.DeclareTile();
        var shared = SharedMemory.GetDynamic<float>();
        var start = ((uint)PtxInstructions.AddressOf(ref shared[0]) + TileDecodeRoom.Alignment - 1) & ~(uint)(TileDecodeRoom.Alignment - 1);
        var room = new TileDecodeRoom(start, task.HeadsOfGroup);
        int row = Grid.IdxZ, kvHead = Grid.IdxY, firstHead = Grid.IdxX * MaxHeads;
        int warp = Group.IdxX / WarpSize, lane = Group.IdxX % WarpSize;
        var ring = room.Ring(warp);
        var walk = new TileDecodeWalk(rows, keys, values, row, kvHead, ring, lane, task);
        var heads = new TileDecodeHeads(qkv, rows, keys, values, row, kvHead, firstHead, lane, room, task);
        var roles = heads.Known + 2; // queries, and the row's own key and value
        var preparation = heads.Prepare(weights, warp);
        int tile = warp, place = walk.Place(tile), nextPlace = walk.Place(tile + Warps);
        int cell = walk.Cell(place), nextCell = walk.Cell(nextPlace);
        walk.Send(tile, cell, 0);
        walk.Send(tile + Warps, nextCell, 1);
        var meeting = new TileDecodeMeeting(room, walk);
        var products = heads.Products(warp);
        // What the way to the result needs besides is made now, too.
        int column = lane % 8, matrix = lane / 8;
        var queries = PtxInstructions.KeepBits(
            room.Queries + (uint)((column * TileDecodeRoom.RowBytes) + ((((matrix % 2) + (matrix / 2 * 8)) ^ column) * Word16.Bytes)));
        var keyRow = PtxInstructions.KeepBits(
            ring + (uint)((lane % 16 * TileDecodeRoom.RowBytes) + (((lane / 16) ^ column) * Word16.Bytes)));
        var valueRow = PtxInstructions.KeepBits(
            ring + TileDecodeRoom.HalfBytes
            + (uint)(((column + (lane / 16 * 8)) * TileDecodeRoom.RowBytes) + (((matrix % 2) ^ column) * Word16.Bytes)));
        var which = PtxInstructions.KeepBits(lane / 4 % 2 == 0 ? 0x7632u : 0x5410u); // the first parts of two weights, or the second
        var source = PtxInstructions.Keep((lane % 4 * 8) + matrix);
        PtxInstructions.WaitForPrevious();

        for (var role = warp; role < roles; role += Warps)
        {
            heads.Make(preparation, products, role);
            if (role + Warps >= roles) break;
            preparation = heads.Prepare(weights, role + Warps);
            products = heads.Products(role + Warps);
        }
        Group.Barrier();

        PtxInstructions.LoadTileQueries(queries);
        var (largest, weight) = (HeadState.NoScore, 0f);
        var offset = 0u;
        for (; tile < walk.Tiles; tile += Warps)
        {
            var next = tile + (Stages * Warps);
            if (next < walk.Tiles) cell = walk.Cell(walk.Place(next));
            PtxInstructions.WaitForCopiesButOne();
            Warp.Barrier();
            var scores = PtxInstructions.TileScores(keyRow + offset);
            PtxInstructions.LoadTileValues(valueRow + offset);
            var entries = walk.Entries - (tile * TileEntries) - (lane / 4);
            var upper = entries > 0 ? scores.First : float.NegativeInfinity;
            var lower = entries > 8 ? scores.Second : float.NegativeInfinity;
            var larger = IntrinsicMath.Max(upper, lower);
            larger = IntrinsicMath.Max(larger, Warp.ShuffleXor(larger, 4));
            larger = IntrinsicMath.Max(larger, Warp.ShuffleXor(larger, 8));
            larger = IntrinsicMath.Max(largest, IntrinsicMath.Max(larger, Warp.ShuffleXor(larger, 16)));
            var rescale = PtxInstructions.Exp2(largest - larger);
            largest = larger;
            upper = PtxInstructions.Exp2(upper - largest);
            lower = PtxInstructions.Exp2(lower - largest);
            weight = PtxInstructions.MultiplyAdd(weight, rescale, upper + lower);
            PtxInstructions.ScaleTileSums(rescale);
            uint upperParts = TileDecodeHeads.Parts(upper), lowerParts = TileDecodeHeads.Parts(lower);
            PtxInstructions.AddTileValues(
                PtxInstructions.PickBytes(Warp.Shuffle(upperParts, source), Warp.Shuffle(upperParts, source + 4), which),
                PtxInstructions.PickBytes(Warp.Shuffle(lowerParts, source), Warp.Shuffle(lowerParts, source + 4), which));
            Warp.Barrier();
            walk.Send(next, cell, offset == 0 ? 0 : 1);
            offset ^= TileDecodeRoom.TileBytes;
        }

        if (warp < walk.Tiles) meeting.Leave(largest, weight, warp, lane);
        meeting.Finish(mixed, heads.FirstHead, heads.Known, task.Narrow);
    }
}
