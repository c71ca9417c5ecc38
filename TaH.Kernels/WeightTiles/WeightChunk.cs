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
}

/// <summary>The weights that a thread takes: in every turn a pair of rows, of it the chunks of its group's share of the columns.</summary>
/// <param name="Pairs">All pairs.</param>
/// <param name="Worker">The group's cluster among all.</param>
/// <param name="Workers">Clusters in all.</param>
/// <param name="Split">The group in its cluster.</param>
/// <param name="Turns">Tiles that the cluster takes, one after the other.</param>
/// <param name="Task">The sizes.</param>
internal readonly record struct WeightWalk<TPairs>(TPairs Pairs, int Worker, int Workers, int Split, int Turns, WeightTilesTask Task)
    where TPairs : struct, IWeightPairs
{
    /// <summary>Pairs that a group takes at a time: eight a warp.</summary>
    public static int PairsOfTile => Group.DimX / MatVec.WarpSize * WeightTiles.PairsOfWarp;

    /// <summary>Chunks that a group takes in all.</summary>
    public int Steps => Turns * Task.SplitChunks;

    /// <summary>The walk of the calling thread.</summary>
    public static WeightWalk<TPairs> Of(TPairs pairs, WeightTilesTask task)
    {
        int worker = Grid.IdxX / task.Splits, workers = Grid.DimX / task.Splits;
        var tiles = (task.Pairs + PairsOfTile - 1) / PairsOfTile;
        return new WeightWalk<TPairs>(pairs, worker, workers, Grid.IdxX % task.Splits, (tiles - worker + workers - 1) / workers, task);
    }

    /// <summary>The thread's pair in a turn; it may lie past the last.</summary>
    public int PairOf(int turn) =>
        ((Worker + (turn * Workers)) * PairsOfTile) + (Group.IdxX / MatVec.WarpSize * WeightTiles.PairsOfWarp) + (Group.IdxX % MatVec.WarpSize / 4);

    /// <summary>The chunk of all that is the group's in a step; it may lie past the last.</summary>
    public int ChunkOf(int step) => (Split * Task.SplitChunks) + (step % Task.SplitChunks);

    /// <summary>Sends for the weights of a step: steps go through the chunks of a turn, then through those of the next. Past the end there are zeros.</summary>
    public WeightChunk Load(int step)
    {
        var pair = IntrinsicMath.Min(PairOf(step / Task.SplitChunks), Task.Pairs - 1); // threads past the last pair repeat it, and store nothing
        var rowBytes = (ulong)Task.Inner * sizeof(ushort);
        var octet = (ChunkOf(step) * (WeightChunk.Columns / MatVecTask.Octet)) + (Group.IdxX % 4);
        var offset = (ulong)octet * Word16.Bytes;
        ulong first = Pairs.First(pair, rowBytes) + offset, second = Pairs.Second(pair, rowBytes) + offset;
        var end = step < Steps ? Task.Inner / MatVecTask.Octet : 0;
        return new WeightChunk(
            PtxInstructions.LoadStreamed(first, octet, end), PtxInstructions.LoadStreamed(second, octet, end),
            PtxInstructions.LoadStreamed(first + 64, octet + 4, end), PtxInstructions.LoadStreamed(second + 64, octet + 4, end),
            PtxInstructions.LoadStreamed(first + 128, octet + 8, end), PtxInstructions.LoadStreamed(second + 128, octet + 8, end),
            PtxInstructions.LoadStreamed(first + 192, octet + 12, end), PtxInstructions.LoadStreamed(second + 192, octet + 12, end));
    }
}
