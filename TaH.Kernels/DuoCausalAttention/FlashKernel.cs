using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Hopper, many rows: a group takes up to 64 rows of one sequence and two heads that share keys and values, a head for each warpgroup. A warp of a
/// third one keeps tiles of 128 entries on their way, page by page. While a warpgroup turns scores into weights, the other one multiplies; the sums
/// of a tile run while the scores of the next become weights. Only tiles that some row does not see whole are masked, and none that no row sees is
/// read.
/// </summary>
/// <remarks>Source: FlashAttention (arXiv 2205.14135) and its Hopper form (arXiv 2407.08608), over the position x depth grid.</remarks>
internal static class FlashKernel
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 64;

    /// <summary>Entries of a tile.</summary>
    public const int TileEntries = 128;

    /// <summary>Elements of a head.</summary>
    public const int HeadDim = 128;

    /// <summary>Threads of the two warpgroups.</summary>
    public const int Multipliers = 256;

    /// <summary>Those, and the warpgroup of the warp that fetches: it leaves its registers to them.</summary>
    public const int GroupSize = Multipliers + 128;

    /// <summary>Bytes of dynamic shared memory: queries, two stages of keys and of values, barriers, and room to align.</summary>
    public const int SharedBytes = QueryBytes + (Stages * 2 * TileBytes) + BarrierBytes + 1024;

    /// <summary>Tiles of keys, and of values, that are there or on their way.</summary>
    public const int Stages = 2;

    /// <summary>Bytes of a row of half a head: the width of the swizzle.</summary>
    public const int RowBytes = 128;

    /// <summary>Bytes of the queries of two heads.</summary>
    public const int QueryBytes = 2 * TileRows * 2 * RowBytes;

    /// <summary>Bytes of half of the elements of a tile's keys or values.</summary>
    public const int HalfBytes = TileEntries * RowBytes;

    /// <summary>Bytes of a tile's keys or values.</summary>
    public const int TileBytes = 2 * HalfBytes;

    private const int BarrierBytes = 128;

    // Rows of 128 bytes, swizzled by 128 bytes, eight of them to the next eight: 1024 bytes. Values run the other way: their halves are 16 KiB apart.
    private const ulong ByRows = 0x4000004000010000UL;
    private const ulong ByColumns = 0x4000004004000000UL;

    /// <summary>One tile and two heads a group.</summary>
    public static void Run(FlashTask task)
    {
        PtxInstructions.DeclareAttention();
        var memory = SharedMemory.GetDynamic<float>();
        var queries = ((uint)PtxInstructions.AddressOf(ref memory[0]) + 1023u) & ~1023u;
        var room = new FlashRoom(queries, queries + QueryBytes, queries + QueryBytes + (Stages * 2 * TileBytes));
        if (Group.IdxX == 0)
        {
            PtxInstructions.InitialiseBarrier(room.QueriesCame, 1);
            for (var stage = 0; stage < Stages; stage++)
            {
                PtxInstructions.InitialiseBarrier(room.KeysCame(stage), 1);
                PtxInstructions.InitialiseBarrier(room.KeysUsed(stage), Multipliers / 32);
                PtxInstructions.InitialiseBarrier(room.ValuesCame(stage), 1);
                PtxInstructions.InitialiseBarrier(room.ValuesUsed(stage), Multipliers / 32);
            }
            PtxInstructions.ShowBarriers();
        }
        Group.Barrier();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var pairs = task.Heads / 2;
        int tile = Grid.IdxX / pairs, head = Grid.IdxX % pairs * 2;
        int first = task.Tiles[tile], count = task.TileRows[tile];
        if (Group.IdxX >= Multipliers)
        {
            PtxInstructions.GiveRegistersUp();
            if (Group.IdxX < Multipliers + 32) FlashFetch.Run(task, room, first, count, head);
        }
        else
        {
            PtxInstructions.TakeRegisters();
            Attend(task, room, first, count, head + (Group.IdxX / 128));
        }
    }

    /// <summary>A multiplying thread: its warpgroup's head over all tiles of all depths.</summary>
    private static void Attend(FlashTask task, FlashRoom room, int first, int count, int head)
    {
        int group = Group.IdxX / 128, lane = Group.IdxX % 32;
        var row = (Group.IdxX % 128 / 32 * 16) + (lane / 4);
        var rows = new FlashRows(task, first, count, row, lane % 4 * 2);
        var query = (ulong)((room.Queries + (uint)(group * (QueryBytes / 2))) >> 4) | ByRows;
        var place = rows.Next(new FlashPlace(-1, 0, 0, 0), task);
        var softmax = FlashSoftmax.OfNothing;
        PtxInstructions.WaitForBarrier(room.QueriesCame, 0);
        if (place.Depth < task.Depths)
        {
            StartScores(room, query, place);
            PtxInstructions.WaitForProducts();
            softmax = Weigh(softmax, room, rows, place, lane, task);
            PtxInstructions.WeighByScores();
            var next = rows.Next(place, task);
            while (next.Depth < task.Depths)
            {
                AwaitValues(room, place);
                StartScores(room, query, next);
                StartSums(room, place);
                PtxInstructions.WaitForProductsButOne(); // the scores are there; the sums go on
                softmax = Weigh(softmax, room, rows, next, lane, task);
                PtxInstructions.WaitForProducts();
                if (lane == 0) PtxInstructions.Arrive(room.ValuesUsed(place.Stage));
                PtxInstructions.ScaleSums(softmax.RescaleUpper, softmax.RescaleLower);
                PtxInstructions.WeighByScores();
                place = next;
                next = rows.Next(next, task);
            }
            AwaitValues(room, place);
            StartSums(room, place);
            PtxInstructions.WaitForProducts();
        }
        var (scaleUpper, scaleLower) = softmax.Finish();
        PtxInstructions.ScaleSums(scaleUpper, scaleLower);
        rows.Store(task, head);
    }

    /// <summary>A tile's scores are complete: leaves its keys, masks where a row does not see all, and makes weights of the scores.</summary>
    private static FlashSoftmax Weigh(FlashSoftmax softmax, FlashRoom room, FlashRows rows, FlashPlace place, int lane, FlashTask task)
    {
        if (lane == 0) PtxInstructions.Arrive(room.KeysUsed(place.Stage));
        if (place.Entry + TileEntries > rows.SeenByAll(place.Depth, task))
        {
            var (upper, lower) = rows.Limits(place, task);
            PtxInstructions.MaskScores(upper, lower);
        }
        return softmax.Weigh(task.ScoreScale);
    }

    private static void AwaitValues(FlashRoom room, FlashPlace place)
    {
        PtxInstructions.WaitForBarrier(room.ValuesCame(place.Stage), place.Parity);
        var left = place.Seen - place.Entry;
        if (left < TileEntries) ClearValues(room.Values(place.Stage), left);
    }

    private static void StartSums(FlashRoom room, FlashPlace place)
    {
        PtxInstructions.FenceProducts();
        PtxInstructions.StartSums((room.Values(place.Stage) >> 4) | ByColumns);
        PtxInstructions.CloseProducts();
    }

    private static void StartScores(FlashRoom room, ulong query, FlashPlace place)
    {
        PtxInstructions.WaitForBarrier(room.KeysCame(place.Stage), place.Parity);
        PtxInstructions.FenceProducts();
        PtxInstructions.StartScores(query, (room.Keys(place.Stage) >> 4) | ByRows);
        PtxInstructions.CloseProducts();
    }

    /// <summary>Entries that nobody sees may hold anything, and zero times that need not be zero.</summary>
    private static void ClearValues(uint values, int from)
    {
        const int Words = RowBytes / Word16.Bytes;
        for (var word = (from * Words) + Group.IdxX; word < TileEntries * Words; word += Multipliers)
        {
            PtxInstructions.ClearShared(values + (uint)(word * Word16.Bytes));
            PtxInstructions.ClearShared(values + (uint)(HalfBytes + (word * Word16.Bytes)));
        }
        PtxInstructions.ShowToProducts();
        PtxInstructions.WaitForFirst(Multipliers);
    }
}
