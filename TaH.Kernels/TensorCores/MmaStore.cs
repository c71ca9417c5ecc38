namespace TaH.Kernels;

/// <summary>What becomes of a warp's sums.</summary>
internal interface IMmaStore
{
    /// <summary>Writes the sums; rows and columns outside y are dropped.</summary>
    /// <param name="sums">The warp's sums.</param>
    /// <param name="task">The launch.</param>
    /// <param name="columns">The weight that the columns are of.</param>
    /// <param name="row">Of y, the thread's first.</param>
    /// <param name="column">Of y, the thread's first.</param>
    void Store<TSums>(TSums sums, TensorProductTask task, TensorColumns columns, int row, int column) where TSums : unmanaged, IMmaSums<TSums>;
}

/// <summary>Two neighbouring elements of y.</summary>
internal interface IMmaPut
{
    /// <summary>Bytes of an element of y.</summary>
    int Bytes { get; }

    /// <summary>What is added to: zero where y is replaced.</summary>
    FloatPair Before(ulong address);

    /// <summary>Writes them.</summary>
    void Put(ulong address, float first, float second);
}

/// <summary>f32, replacing y.</summary>
internal readonly struct MmaReplace : IMmaPut
{
    public int Bytes => sizeof(float);

    public FloatPair Before(ulong address) => default;

    public void Put(ulong address, float first, float second) => PtxInstructions.StorePair(address, first, second);
}

/// <summary>f32, added to y.</summary>
internal readonly struct MmaAdd : IMmaPut
{
    public int Bytes => sizeof(float);

    public FloatPair Before(ulong address) => PtxInstructions.LoadPair(address);

    public void Put(ulong address, float first, float second) => PtxInstructions.StorePair(address, first, second);
}

/// <summary>bf16, replacing y.</summary>
internal readonly struct MmaBfloat16 : IMmaPut
{
    public int Bytes => sizeof(ushort);

    public FloatPair Before(ulong address) => default;

    public void Put(ulong address, float first, float second) => PtxInstructions.StoreUInt(address, PtxInstructions.PackBfloat16(first, second));
}

/// <summary>y = alpha * sum + bias, straight from the registers.</summary>
/// <typeparam name="TPut">How it gets into y.</typeparam>
internal readonly struct MmaStore<TPut> : IMmaStore where TPut : struct, IMmaPut
{
    public void Store<TSums>(TSums sums, TensorProductTask task, TensorColumns columns, int row, int column)
        where TSums : unmanaged, IMmaSums<TSums>
    {
        var y = columns.Y + ((((ulong)row * (ulong)columns.Outer) + (ulong)column) * (ulong)default(TPut).Bytes);
        var bias = columns.Bias == 0 ? 0 : columns.Bias + ((ulong)column * sizeof(float));
        default(TSums).Visit(sums, new Strip(y, bias, columns.Outer, task.Rows - row, columns.Outer - column, task.Alpha), 0);
    }

    private readonly record struct Strip(ulong Y, ulong Bias, int Outer, int RowsLeft, int ColumnsLeft, float Alpha) : IMmaVisitor
    {
        public void Visit(MmaStrip sums, int strip)
        {
            Block(2 * strip, sums.A.Left, sums.B.Left, sums.C.Left, sums.D.Left);
            Block((2 * strip) + 1, sums.A.Right, sums.B.Right, sums.C.Right, sums.D.Right);
        }

        private void Block(int block, Quad a, Quad b, Quad c, Quad d)
        {
            if (8 * block >= ColumnsLeft) return;
            var bias = Bias == 0 ? default : PtxInstructions.LoadConstantPair(Bias + (ulong)(32 * block));
            var at = Y + (ulong)(8 * block * default(TPut).Bytes);
            Put(at, 0, a.A, a.B, bias);
            Put(at, 8, a.C, a.D, bias);
            Put(at, 16, b.A, b.B, bias);
            Put(at, 24, b.C, b.D, bias);
            Put(at, 32, c.A, c.B, bias);
            Put(at, 40, c.C, c.D, bias);
            Put(at, 48, d.A, d.B, bias);
            Put(at, 56, d.C, d.D, bias);
        }

        private void Put(ulong at, int row, float first, float second, FloatPair bias)
        {
            if (row >= RowsLeft) return;
            var address = at + ((ulong)row * (ulong)Outer * (ulong)default(TPut).Bytes);
            var before = default(TPut).Before(address);
            default(TPut).Put(
                address, PtxInstructions.MultiplyAdd(Alpha, first, bias.First) + before.First,
                PtxInstructions.MultiplyAdd(Alpha, second, bias.Second) + before.Second);
        }
    }
}
