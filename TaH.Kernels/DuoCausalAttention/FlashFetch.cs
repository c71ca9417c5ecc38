using ILGPU;

namespace TaH.Kernels;

/// <summary>The fetching warp of <see cref="FlashKernel"/>: its threads share out the pages of a tile's keys and values.</summary>
internal static class FlashFetch
{
    private const int HalfDim = FlashKernel.HeadDim / 2;

    /// <summary>Fetches the queries, then tile after tile of all depths. Every thread of the warp calls.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="room">Where things go.</param>
    /// <param name="first">The group's first row.</param>
    /// <param name="count">How many rows it has.</param>
    /// <param name="head">The first of its two heads.</param>
    public static void Run(FlashTask task, FlashRoom room, int first, int count, int head)
    {
        var lane = Group.IdxX % 32;
        var last = ((long)first + count - 1) * task.Depths;
        if (lane == 0)
        {
            PtxInstructions.ArriveExpecting(room.QueriesCame, FlashKernel.QueryBytes);
            for (var half = 0; half < 4; half++)
                PtxInstructions.StartTile(
                    room.Queries + (uint)(half * FlashKernel.TileRows * FlashKernel.RowBytes), task.QueryMap,
                    (head * FlashKernel.HeadDim) + (half * HalfDim), first, room.QueriesCame);
        }
        var column = head / task.HeadsPerKvHead * FlashKernel.HeadDim;
        int stage = 0, turn = 0;
        for (var depth = 0; depth < task.Depths; depth++)
        {
            var seen = task.Grid.Visible[last + depth];
            var table = (((long)task.Grid.Sequences[first] * task.Depths) + depth) * task.MaxPages;
            var lastPage = (seen - 1) / task.PageSize;
            for (var entry = 0; entry < seen; entry += FlashKernel.TileEntries)
            {
                var parity = (uint)(turn & 1) ^ 1u;
                var list = new FlashPages(table, entry / task.PageSize, lastPage);
                PtxInstructions.WaitForBarrier(room.KeysUsed(stage), parity);
                Fetch(task, task.KeyMap, list, column, lane, room.Keys(stage), room.KeysCame(stage));
                PtxInstructions.WaitForBarrier(room.ValuesUsed(stage), parity);
                Fetch(task, task.ValueMap, list, column, lane, room.Values(stage), room.ValuesCame(stage));
                stage++;
                if (stage == FlashKernel.Stages) (stage, turn) = (0, turn + 1);
            }
        }
    }

    /// <summary>Fetches a tile's keys, or its values, in halves of pages.</summary>
    private static void Fetch(FlashTask task, ulong map, FlashPages pages, int column, int lane, uint tile, uint came)
    {
        if (lane == 0) PtxInstructions.ArriveExpecting(came, FlashKernel.TileBytes);
        for (var box = lane; box < 2 * (FlashKernel.TileEntries / task.PageSize); box += 32)
        {
            // Past the last page comes the last again: what nobody sees is masked.
            var page = task.Grid.Tables[pages.Table + IntrinsicMath.Min(pages.First + (box / 2), pages.Last)];
            PtxInstructions.StartTile(tile + BoxAt(box, task.PageSize), map, column + (box % 2 * HalfDim), page * task.PageSize, came);
        }
    }

    private static uint BoxAt(int box, int pageSize) => (uint)((box % 2 * FlashKernel.HalfBytes) + (box / 2 * pageSize * FlashKernel.RowBytes));
}

/// <summary>The pages of a tile: from the first one on, of the list that starts at a place of the tables.</summary>
internal readonly record struct FlashPages(long Table, int First, int Last);
