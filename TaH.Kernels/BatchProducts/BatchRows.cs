using ILGPU;

namespace TaH.Kernels;

/// <summary>How the sums of four neighbouring weight rows get into y.</summary>
internal interface IBatchQuad
{
    /// <summary>What all tokens need of the weight rows.</summary>
    Quad OfRows(BatchProductTask task, int row, bool really);

    /// <summary>What has to be read first.</summary>
    Quad Load(ulong y, bool really);

    /// <summary>Puts them there; threads 16 n to 16 n + 15 of a warp have neighbouring quads of one token, and all come.</summary>
    void Put(BatchProductTask task, ulong y, BatchAhead ahead, Quad sum, int token, int row, bool really);
}

/// <summary>y is f32: neighbouring rows of one weight.</summary>
/// <typeparam name="TQuad">Whether they replace what is there or are added to it.</typeparam>
internal readonly struct BatchRows<TQuad> : IBatchStore where TQuad : struct, IBatchQuad
{
    private const int QuadsOfBlock = BatchProduct.BlockRows / 4;
    private const int TokensAtOnce = BatchProduct.WarpgroupSize / QuadsOfBlock;

    public int NoteOf(BatchProductTask task, int token) => 0;

    public BatchAhead Ahead(BatchProductTask task, int place)
    {
        var quads = task.Blocks * QuadsOfBlock;
        var weight = task.Of(task.Tile);
        var row = RowOf(task, weight, place % quads);
        var token = task.FirstToken + (place / quads);
        return new BatchAhead(
            default(TQuad).OfRows(task, row, row < weight.Outer),
            default(TQuad).Load(AddressOf(weight, token, row), token < task.Rows && row < weight.Outer));
    }

    public void Store(BatchProductTask task, BatchShare share, BatchAhead ahead)
    {
        int quads = task.Blocks * QuadsOfBlock, quad = Group.IdxX % quads;
        var weight = task.Of(task.Tile);
        var row = RowOf(task, weight, quad);
        // No thread leaves early: neighbours come together.
        var end = share.First + (1 << task.ShareShift);
        for (var token = share.First + (Group.IdxX / quads); token < end; token += TokensAtOnce)
        {
            var really = token < task.Rows && row < weight.Outer;
            var y = AddressOf(weight, token, row);
            default(TQuad).Put(task, y, ahead, share.Of(token, 4 * quad), token, row, really);
            var next = token + TokensAtOnce;
            ahead = ahead with { Before = default(TQuad).Load(AddressOf(weight, next, row), next < share.End && row < weight.Outer) };
        }
    }

    private static int RowOf(BatchProductTask task, BatchWeight weight, int quad) =>
        ((task.Tile - weight.FirstTile) * task.Blocks * BatchProduct.BlockRows) + (4 * quad);

    private static ulong AddressOf(BatchWeight weight, int token, int row) =>
        weight.Y + ((((ulong)token * (ulong)weight.Outer) + (ulong)row) * sizeof(float));
}

/// <summary>They replace what is there.</summary>
internal readonly struct ReplacingQuad : IBatchQuad
{
    public Quad OfRows(BatchProductTask task, int row, bool really) => default;

    public Quad Load(ulong y, bool really) => default;

    public void Put(BatchProductTask task, ulong y, BatchAhead ahead, Quad sum, int token, int row, bool really)
    {
        if (really) PtxInstructions.StoreQuad(y, sum);
    }
}

/// <summary>They are added to the residual stream; what that has become is left for the next product.</summary>
internal readonly struct ResidualQuad : IBatchQuad
{
    public Quad OfRows(BatchProductTask task, int row, bool really) =>
        really && task.Next.Gain != 0 ? PtxInstructions.LoadQuad(task.Next.Gain + ((ulong)row * sizeof(float))) : default;

    public Quad Load(ulong y, bool really) => really ? PtxInstructions.LoadQuad(y) : default;

    public void Put(BatchProductTask task, ulong y, BatchAhead ahead, Quad sum, int token, int row, bool really)
    {
        sum = really ? sum.Plus(ahead.Before) : default;
        if (really) PtxInstructions.StoreQuad(y, sum);
        if (task.Next.Gain != 0) BatchInput.Leave(task.Next, task.A.Outer, token, row, sum, ahead.Row, really);
    }
}
