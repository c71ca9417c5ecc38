using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// y = alpha * sum + bias in f32: each warp lays 32 columns of its 16 rows out in shared memory at a time, and brings 128 bytes of four rows to y
/// with one instruction.
/// </summary>
/// <typeparam name="TPut">Whether y is replaced or added to.</typeparam>
internal readonly struct StoreSingles<TPut> : IWgmmaStore where TPut : struct, IQuadPut
{
    private const int Columns = 32;
    private const int QuadBytes = 4 * sizeof(float);
    private const int QuadsOfRow = Columns / 4;
    private const int Pitch = (QuadsOfRow + 2) * QuadBytes; // four rows of pairs lie in different banks
    private const int WarpBytes = 16 * Pitch;

    public bool Gated => false;

    public int SharedBytes => WgmmaProduct.Multipliers / 32 * WarpBytes;

    public int ColumnsOfY(int columns) => columns;

    public void Store<TTile>(TensorProductTask task, WgmmaPlace place, uint scratch) where TTile : struct, IWgmmaTile
    {
        var columns = place.Columns;
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        var rows = scratch + (uint)(warp * WarpBytes);
        int row = place.Row + (warp * 16) + (lane / QuadsOfRow), column = place.Column + (lane % QuadsOfRow * 4);
        var pair = lane % 4 * 2; // of the eight columns that four threads have
        default(TTile).Visit(new Strip(
            rows + (uint)((lane / 4 * Pitch) + (pair * sizeof(float))),
            rows + (uint)((lane / QuadsOfRow * Pitch) + (lane % QuadsOfRow * QuadBytes)),
            columns.Y + ((((ulong)row * (ulong)columns.Outer) + (ulong)column) * sizeof(float)),
            columns.Bias == 0 ? 0 : columns.Bias + ((ulong)(place.Column + pair) * sizeof(float)), columns.Outer, task.Rows - row,
            columns.Outer - column, columns.Outer - place.Column, task.Alpha));
    }

    private readonly record struct Strip(
        uint Laid, uint Read, ulong Y, ulong Bias, int Outer, int RowsLeft, int ColumnsLeft, int BiasLeft, float Alpha) : IStripVisitor
    {
        private const int RowsAtOnce = 32 / QuadsOfRow;

        public void Visit(int strip)
        {
            Lay(2 * strip, strip % 2 * 2);
            Lay((2 * strip) + 1, (strip % 2 * 2) + 1);
            if (strip % 2 == 0) return;
            Warp.Barrier();
            var first = (strip - 1) * 16;
            Write(first, 0);
            Write(first, 1);
            Write(first, 2);
            Write(first, 3);
            Warp.Barrier(); // the next strips overwrite what the slowest thread may still read
        }

        /// <summary>Lays a block of eight columns out.</summary>
        private void Lay(int block, int at)
        {
            var bias = Bias != 0 && 8 * block < BiasLeft ? PtxInstructions.LoadConstantPair(Bias + (ulong)(32 * block)) : default;
            var upper = Laid + (uint)(32 * at);
            PtxInstructions.StoreSharedPair(upper, Scaled(4 * block, bias.First), Scaled((4 * block) + 1, bias.Second));
            PtxInstructions.StoreSharedPair(upper + (8 * Pitch), Scaled((4 * block) + 2, bias.First), Scaled((4 * block) + 3, bias.Second));
        }

        private void Write(int column, int step)
        {
            if (step * RowsAtOnce >= RowsLeft || column >= ColumnsLeft) return;
            default(TPut).Put(
                Y + ((((ulong)(step * RowsAtOnce) * (ulong)Outer) + (ulong)column) * sizeof(float)),
                PtxInstructions.LoadSharedQuad(Read + (uint)(step * RowsAtOnce * Pitch)));
        }

        private float Scaled(int number, float bias) => PtxInstructions.MultiplyAdd(Alpha, PtxInstructions.Sum(number), bias);
    }
}

/// <summary>How four neighbouring floats get into y.</summary>
internal interface IQuadPut
{
    /// <summary>Puts them at an address that is a multiple of 16.</summary>
    void Put(ulong address, Quad values);
}

/// <summary>They replace what is there.</summary>
internal readonly struct ReplaceQuad : IQuadPut
{
    public void Put(ulong address, Quad values) => PtxInstructions.StoreQuad(address, values);
}

/// <summary>They are added where memory is, so that nobody waits for what is there. Every element is added to once: the order is no matter.</summary>
internal readonly struct AddQuad : IQuadPut
{
    public void Put(ulong address, Quad values) => PtxInstructions.AddQuad(address, values);
}
