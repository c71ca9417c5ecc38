using ILGPU;

namespace TaH.Kernels;

/// <summary>What becomes of a tile's sums.</summary>
internal interface IWgmmaStore
{
    /// <summary>Whether the tile holds two weights side by side, of which the first gates the second.</summary>
    bool Gated { get; }

    /// <summary>Bytes of shared memory that it needs for itself.</summary>
    int SharedBytes { get; }

    /// <summary>Columns of y that a tile of so many sums a row makes.</summary>
    int ColumnsOfY(int columns);

    /// <summary>Writes the tile; rows and columns outside y are dropped.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="place">Which tile.</param>
    /// <param name="scratch">Its own shared memory, at a multiple of 16.</param>
    void Store<TTile>(TensorProductTask task, TilePlace place, uint scratch) where TTile : struct, IWgmmaTile;
}

/// <summary>y = alpha * sum + bias in f32, straight from the registers: four threads fill 32 bytes of a row.</summary>
/// <typeparam name="TPut">Whether y is replaced or added to.</typeparam>
internal readonly struct StoreSingles<TPut> : IWgmmaStore where TPut : struct, IPairPut
{
    public bool Gated => false;

    public int SharedBytes => 0;

    public int ColumnsOfY(int columns) => columns;

    public void Store<TTile>(TensorProductTask task, TilePlace place, uint scratch) where TTile : struct, IWgmmaTile
    {
        var columns = task.Of(place.Column);
        var lane = Group.IdxX % 32;
        int row = (place.Row * WgmmaProduct.TileRows) + (Group.IdxX / 32 * 16) + (lane / 4);
        var column = ((place.Column - columns.FirstTile) * default(TTile).Columns) + (lane % 4 * 2);
        var upper = columns.Y + ((((ulong)row * (ulong)columns.Outer) + (ulong)column) * sizeof(float));
        var bias = columns.Bias == 0 ? 0 : columns.Bias + ((ulong)column * sizeof(float));
        default(TTile).Visit(new Strip(
            upper, upper + ((ulong)columns.Outer * 8 * sizeof(float)), bias, row < task.Rows ? 1 : 0, row + 8 < task.Rows ? 1 : 0, columns.Outer - column,
            task.Alpha));
    }

    private readonly record struct Strip(ulong Upper, ulong Lower, ulong Bias, int HasUpper, int HasLower, int ColumnsLeft, float Alpha) : IStripVisitor
    {
        public void Visit(int strip)
        {
            Block(2 * strip);
            Block((2 * strip) + 1);
        }

        private void Block(int block)
        {
            if (8 * block >= ColumnsLeft) return;
            var bias = Bias == 0 ? default : PtxInstructions.LoadConstantPair(Bias + (ulong)(32 * block));
            if (HasUpper != 0)
                default(TPut).Put(Upper + (ulong)(32 * block), Scaled(4 * block, bias.First), Scaled((4 * block) + 1, bias.Second));
            if (HasLower != 0)
                default(TPut).Put(Lower + (ulong)(32 * block), Scaled((4 * block) + 2, bias.First), Scaled((4 * block) + 3, bias.Second));
        }

        private float Scaled(int number, float bias) => PtxInstructions.MultiplyAdd(Alpha, PtxInstructions.Sum(number), bias);
    }
}

/// <summary>How two neighbouring floats get into y.</summary>
internal interface IPairPut
{
    /// <summary>Puts them at an address that is a multiple of 8.</summary>
    void Put(ulong address, float first, float second);
}

/// <summary>They replace what is there.</summary>
internal readonly struct ReplacePair : IPairPut
{
    public void Put(ulong address, float first, float second) => PtxInstructions.StorePair(address, first, second);
}

/// <summary>They are added where memory is, so that nobody waits for what is there. Every element is added to once: the order is no matter.</summary>
internal readonly struct AddPair : IPairPut
{
    public void Put(ulong address, float first, float second) => PtxInstructions.AddPair(address, first, second);
}
