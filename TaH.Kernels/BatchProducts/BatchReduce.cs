using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The reduced inputs of up to three low-rank updates: y is bf16, a slice of columns for each, zeros behind its rank and in shallow rows.
/// </summary>
internal readonly struct BatchReduce : IBatchStore
{
    /// <summary>Elements of a row of reduced inputs.</summary>
    public const int Width = 3 * WgmmaProduct.Slice;

    public int NoteOf(BatchProductTask task, int token) => 0;

    public BatchAhead Ahead(BatchProductTask task, int place) => default;

    public void Store(BatchProductTask task, BatchShare share, BatchAhead ahead)
    {
        const int Quads = BatchProduct.BlockRows / 4;
        var quad = Group.IdxX % Quads;
        var weight = task.Of(task.Tile);
        for (var token = share.First + (Group.IdxX / Quads); token < share.End; token += BatchProduct.WarpgroupSize / Quads)
        {
            var sum = share.Of(token, 4 * quad);
            sum = token < task.Updates.DeepFrom ? default : sum.Scaled(weight.Scale);
            PtxInstructions.StoreUIntPair(
                weight.Y + (((ulong)(token * Width) + (ulong)(4 * quad)) * sizeof(ushort)), PtxInstructions.PackBfloat16(sum.A, sum.B),
                PtxInstructions.PackBfloat16(sum.C, sum.D));
        }
    }
}
