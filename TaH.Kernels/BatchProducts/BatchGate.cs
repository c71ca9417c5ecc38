using ILGPU;

namespace TaH.Kernels;

/// <summary>y is bf16 and silu(first weight's product) * second weight's product: a warpgroup has 32 rows of each.</summary>
internal readonly struct BatchGate : IBatchStore
{
    private const int Rows = BatchProduct.BlockRows / 2;
    private const int QuadsOfBlock = Rows / 4;

    public int NoteOf(BatchProductTask task, int token) => 0;

    public BatchAhead Ahead(BatchProductTask task, int place) => default;

    public void Store(BatchProductTask task, BatchShare share, BatchAhead ahead)
    {
        const int TokensAtOnce = BatchProduct.WarpgroupSize / QuadsOfBlock;
        int quads = task.Blocks * QuadsOfBlock, quad = Group.IdxX % quads;
        var row = (task.Tile * task.Blocks * Rows) + (4 * quad);
        var place = (quad / QuadsOfBlock * BatchProduct.BlockRows) + (quad % QuadsOfBlock * 4);
        if (row >= task.A.Outer) return;
        for (var token = share.First + (Group.IdxX / quads); token < share.End; token += TokensAtOnce)
        {
            Quad gate = share.Of(token, place), up = share.Of(token, place + Rows);
            PtxInstructions.StoreUIntPair(
                task.A.Y + ((((ulong)token * (ulong)task.A.Outer) + (ulong)row) * sizeof(ushort)),
                PtxInstructions.PackBfloat16(PtxInstructions.Silu(gate.A) * up.A, PtxInstructions.Silu(gate.B) * up.B),
                PtxInstructions.PackBfloat16(PtxInstructions.Silu(gate.C) * up.C, PtxInstructions.Silu(gate.D) * up.D));
        }
    }
}
