using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread's elements of 128 columns of its pair of weight rows: of each 32 columns, eight neighbours of either row.</summary>
internal readonly record struct WeightChunk(
    Word16 First0, Word16 Second0, Word16 First1, Word16 Second1, Word16 First2, Word16 Second2, Word16 First3, Word16 Second3)
{
    /// <summary>Columns of a chunk.</summary>
    public const int Columns = 128;

    /// <summary>Columns that a warp multiplies at a time: eight for each of the four threads of a row.</summary>
    public const int StepColumns = 32;

    /// <summary>In place of a chunk's number: that of the updates.</summary>
    public const int Updates = int.MaxValue;
}

/// <summary>The weights that a thread takes: in every turn a pair of rows, of it the chunks of its group's share of the columns.</summary>
/// <param name="Pairs">All pairs.</param>
/// <param name="Updates">What is added to their sums: one more chunk, behind the others of a turn, which the first group of a cluster takes.</param>
/// <param name="Worker">The group's cluster among all.</param>
/// <param name="Workers">Clusters in all.</param>
/// <param name="Split">The group in its cluster.</param>
/// <param name="Turns">Tiles that the cluster takes, one after the other.</param>
/// <param name="Task">The sizes.</param>
internal readonly record struct WeightWalk<TPairs, TUpdates>(
    TPairs Pairs, TUpdates Updates, int Worker, int Workers, int Split, int Turns, WeightTilesTask Task)
    where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
{
    /// <summary>Pairs that a group takes at a time: eight a warp.</summary>
    public static int PairsOfTile => Group.DimX / MatVec.WarpSize * WeightTiles.PairsOfWarp;

    /// <summary>Chunks that a group takes in all.</summary>
    public int Steps => Turns * Task.SplitChunks;

    /// <summary>The walk of the calling thread.</summary>
    public static WeightWalk<TPairs, TUpdates> Of(TPairs pairs, TUpdates updates, WeightTilesTask task)
    {
        int worker = Grid.IdxX / task.Splits, workers = Grid.DimX / task.Splits;
        var tiles = (task.Pairs + PairsOfTile - 1) / PairsOfTile;
        var turns = (tiles - worker + workers - 1) / workers;
        return new WeightWalk<TPairs, TUpdates>(pairs, updates, worker, workers, Grid.IdxX % task.Splits, turns, task);
    }

    /// <summary>The thread's pair in a turn; it may lie past the last.</summary>
    public int PairOf(int turn) =>
        ((Worker + (turn * Workers)) * PairsOfTile) + (Group.IdxX / MatVec.WarpSize * WeightTiles.PairsOfWarp) + (Group.IdxX % MatVec.WarpSize / 4);

    /// <summary>The chunk of all that is the group's in a step; it may lie past the last.</summary>
    public int ChunkOf(int step)
    {
        var chunk = step % Task.SplitChunks;
        if (Updates.Rank == 0) return (Split * Task.SplitChunks) + chunk;
        return chunk == Task.SplitChunks - 1 ? WeightChunk.Updates : (Split * (Task.SplitChunks - 1)) + chunk;
    }

    /// <summary>
    /// Sends for the weights of a step: steps go through the chunks of a turn, then through those of the next. Past the end there are zeros.
    /// </summary>
    public WeightChunk Load(int step)
    {
        var pair = IntrinsicMath.Min(PairOf(step / Task.SplitChunks), Task.Pairs - 1); // threads past the last pair repeat it, and store nothing
        var rowBytes = (ulong)Task.Inner * sizeof(ushort);
        var chunk = ChunkOf(step);
        if (Updates.Rank > 0 && chunk == WeightChunk.Updates)
            return LoadUpdate(pair, step < Steps && Split == 0 ? Updates.Rank / MatVecTask.Octet : 0);
        var octet = (chunk * (WeightChunk.Columns / MatVecTask.Octet)) + (Group.IdxX % 4);
        var offset = (ulong)octet * Word16.Bytes;
        ulong first = Pairs.First(pair, rowBytes) + offset, second = Pairs.Second(pair, rowBytes) + offset;
        var end = step < Steps ? Task.Inner / MatVecTask.Octet : 0;
        return new WeightChunk(
            PtxInstructions.LoadStreamed(first, octet, end), PtxInstructions.LoadStreamed(second, octet, end),
            PtxInstructions.LoadStreamed(first + 64, octet + 4, end), PtxInstructions.LoadStreamed(second + 64, octet + 4, end),
            PtxInstructions.LoadStreamed(first + 128, octet + 8, end), PtxInstructions.LoadStreamed(second + 128, octet + 8, end),
            PtxInstructions.LoadStreamed(first + 192, octet + 12, end), PtxInstructions.LoadStreamed(second + 192, octet + 12, end));
    }

    /// <summary>Sends for the pair's rows of B, which stand in the columns of their own update and are zeros in those of the others.</summary>
    private WeightChunk LoadUpdate(int pair, int octets)
    {
        var rowBytes = (ulong)Updates.Rank * sizeof(ushort);
        UpdateRow first = Updates.First(pair, rowBytes), second = Updates.Second(pair, rowBytes);
        return new WeightChunk(
            LoadUpdate(first, 0, octets), LoadUpdate(second, 0, octets), LoadUpdate(first, 4, octets), LoadUpdate(second, 4, octets),
            LoadUpdate(first, 8, octets), LoadUpdate(second, 8, octets), LoadUpdate(first, 12, octets), LoadUpdate(second, 12, octets));
    }

    private static Word16 LoadUpdate(UpdateRow row, int octet, int octets)
    {
        octet += (Group.IdxX % 4) - (row.Column / MatVecTask.Octet);
        return PtxInstructions.LoadStreamed(row.Address + ((ulong)octet * Word16.Bytes), octet < 0 ? octets : octet, octets);
    }
}
