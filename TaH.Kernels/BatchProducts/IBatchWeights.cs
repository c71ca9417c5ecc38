namespace TaH.Kernels;

/// <summary>Which weight rows make a tile.</summary>
internal interface IBatchWeights
{
    /// <summary>Rows of y that a warpgroup makes of its 64 weight rows.</summary>
    int RowsOfBlock { get; }

    /// <summary>Starts the copies of a slice of a tile's weights.</summary>
    void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column);

    /// <summary>Starts the copies of the rows of B in one of the slices of updates.</summary>
    void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice);

    /// <summary>Which slice of the reduced inputs one of a tile's slices of updates meets.</summary>
    int ReducedSlice(BatchProductTask task, int tile, int slice);
}

/// <summary>Neighbouring rows of one of up to three weights.</summary>
internal readonly struct NeighbouringRows : IBatchWeights
{
    public int RowsOfBlock => BatchProduct.BlockRows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column)
    {
        var weight = task.Of(tile);
        slot.StartWeights(weight.Map, (tile - weight.FirstTile) * task.Blocks, task.Blocks, column);
    }

    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        var weight = task.Of(tile);
        slot.StartWeights(weight.Update, (tile - weight.FirstTile) * task.Blocks, task.Blocks, column: 0);
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice)
    {
        if (tile >= task.C.FirstTile) return 2;
        return tile >= task.B.FirstTile ? 1 : 0;
    }
}

/// <summary>The same 32 rows of two weights.</summary>
internal readonly struct RowsOfTwo : IBatchWeights
{
    private const int Rows = BatchProduct.BlockRows / 2;

    public int RowsOfBlock => Rows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column)
    {
        var row = tile * task.Blocks * Rows;
        Start(task, slot, column, task.A.Map, row, task.B.Map, row);
    }

    // The first weight's rows meet the first slice of reduced inputs, those of the other the second; what lies past the end of a matrix is zero.
    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        int row = tile * task.Blocks * Rows, outside = task.A.Outer;
        Start(task, slot, column: 0, task.A.Update, slice == 0 ? row : outside, task.B.Update, slice == 0 ? outside : row);
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice) => slice;

    private static void Start(BatchProductTask task, BatchSlot slot, int column, ulong first, int firstRow, ulong second, int secondRow)
    {
        for (var block = 0; block < task.Blocks; block++)
        {
            var memory = slot.Memory + (uint)(block * BatchProduct.BlockRows * BatchRing.SliceBytes);
            PtxInstructions.StartTile(memory, first, column, firstRow + (block * Rows), slot.Barrier);
            PtxInstructions.StartTile(memory + (uint)(Rows * BatchRing.SliceBytes), second, column, secondRow + (block * Rows), slot.Barrier);
        }
    }
}
