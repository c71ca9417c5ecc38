using ILGPU;

namespace TaH.Kernels;

/// <summary>The sums of a linear layer of parts; see <see cref="BatchParts"/>.</summary>
internal readonly struct BatchLinear : IBatchStore
{
    private const int QuadsOfBlock = BatchProduct.BlockRows / 4;
    private const int TokensAtOnce = BatchProduct.WarpgroupSize / QuadsOfBlock;

    public int NoteOf(BatchProductTask task, int token) => 0;

    public BatchAhead Ahead(BatchProductTask task, int place)
    {
        var quads = task.Blocks * QuadsOfBlock;
        int row = RowOf(task, place % quads), token = task.FirstToken + (place / quads);
        if (row >= task.Parts.Outer) return default;
        return new BatchAhead(
            PtxInstructions.LoadQuad(task.Parts.Bias + ((ulong)row * sizeof(float))), Before(task, token, row, token < task.Rows));
    }

    public void Store(BatchProductTask task, BatchShare share, BatchAhead ahead)
    {
        int quads = task.Blocks * QuadsOfBlock, quad = Group.IdxX % quads;
        var row = RowOf(task, quad);
        if (row >= task.Parts.Outer) return;
        for (var token = share.First + (Group.IdxX / quads); token < share.End; token += TokensAtOnce)
        {
            var sum = share.Of(token, 4 * quad).Plus(ahead.Row).Plus(ahead.Before);
            if (task.A.Y != 0) PtxInstructions.StoreQuad(AddressOf(task, token, row), sum);
            var next = token + TokensAtOnce;
            ahead = ahead with { Before = Before(task, next, row, next < share.End) };
            if (task.Parts.Target == 0) continue;
            if (task.Parts.Gelu != 0) sum = new Quad(GeluPortable.Of(sum.A), GeluPortable.Of(sum.B), GeluPortable.Of(sum.C), GeluPortable.Of(sum.D));
            BatchParts.Put(
                task.Parts.Target + (((ulong)(token * task.Parts.Pitch) + (ulong)row) * sizeof(ushort)),
                (ulong)(task.Parts.Low * sizeof(ushort)), sum);
        }
    }

    private static Quad Before(BatchProductTask task, int token, int row, bool really) =>
        really && task.Parts.Accumulate != 0 ? PtxInstructions.LoadQuad(AddressOf(task, token, row)) : default;

    private static int RowOf(BatchProductTask task, int quad) => (task.Tile * task.Blocks * BatchProduct.BlockRows) + (4 * quad);

    private static ulong AddressOf(BatchProductTask task, int token, int row) =>
        task.A.Y + ((((ulong)token * (ulong)task.Parts.Outer) + (ulong)row) * sizeof(float));
}
