using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>What <see cref="DeciderBatch"/> launches between its products; numbers as two bf16 parts, see <see cref="BatchParts"/>.</summary>
internal static class DeciderPartsKernels
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>An f32 matrix as parts; rows and columns that it does not have are zeros.</summary>
    /// <param name="weight">[rows, columns].</param>
    /// <param name="parts">Where [more rows, 2, width] start.</param>
    /// <param name="size">The sizes.</param>
    public static void Split(Floats weight, ulong parts, DeciderSplit size)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var index = (Grid.IdxX * GroupSize) + Group.IdxX;
        int row = index / (size.Width / 4), column = index % (size.Width / 4) * 4;
        if (row >= size.PaddedRows) return;
        var values = new Quad(
            At(weight, row, column, size), At(weight, row, column + 1, size), At(weight, row, column + 2, size), At(weight, row, column + 3, size));
        Put(parts, row, column, size.Width, values);
    }

    /// <summary>The input: hidden states side by side, and the top logits.</summary>
    /// <param name="input">Where all of it comes from.</param>
    /// <param name="combined">Where [head rows, 2, width of the combined projection] start; the hidden states are written.</param>
    /// <param name="top">Where [head rows, 2, top width] start, written.</param>
    /// <param name="size">The sizes.</param>
    public static void Collect(DeciderBatchInput input, ulong combined, ulong top, DeciderBatchSize size)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var quads = (size.Features + size.TopWidth) / 4;
        var index = (Grid.IdxX * GroupSize) + Group.IdxX;
        int head = index / quads, column = index % quads * 4;
        if (head >= size.Rows) return;
        var row = input.RowOf[head];
        if (column < size.Features)
        {
            var state = input.Of(column / size.Hidden) + ((((ulong)row * (ulong)size.Hidden) + (ulong)(column % size.Hidden)) * sizeof(float));
            Put(combined, head, column, size.Combined, PtxInstructions.LoadQuad(state));
            return;
        }
        column -= size.Features;
        var from = (long)input.SlotOf[row] * size.KeptTopK;
        Put(top, head, column, size.TopWidth, new Quad(
            Top(input, from, column, size), Top(input, from, column + 1, size), Top(input, from, column + 2, size), Top(input, from, column + 3, size)));
    }

    /// <summary>LayerNorm of each row, a warp a row.</summary>
    /// <param name="x">Where [rows, width] start.</param>
    /// <param name="weight">Where [width] starts.</param>
    /// <param name="bias">Where [width] starts.</param>
    /// <param name="parts">Where [rows, 2, width] start, written.</param>
    /// <param name="shape">The sizes; width is a multiple of 4.</param>
    public static void Norm(ulong x, ulong weight, ulong bias, ulong parts, LayerNormShape shape)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int row = (Grid.IdxX * (GroupSize / MatVec.WarpSize)) + (Group.IdxX / MatVec.WarpSize), lane = Group.IdxX % MatVec.WarpSize;
        if (row >= shape.Rows) return; // a whole warp
        var start = x + ((ulong)row * (ulong)shape.Width * sizeof(float));
        var sum = 0f;
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize)
        {
            var values = Load(start, at);
            sum += values.A + values.B + values.C + values.D;
        }
        var mean = WarpReduce.Sum(sum) / shape.Width;
        var squares = 0f;
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize) squares += Less(Load(start, at), mean).Squares();
        var scale = XMath.Rsqrt((WarpReduce.Sum(squares) / shape.Width) + shape.Epsilon);
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize)
            Put(parts, row, at, shape.Width, Less(Load(start, at), mean).Scaled(scale).Times(Load(weight, at)).Plus(Load(bias, at)));
    }

    private static Quad Load(ulong start, int at) => PtxInstructions.LoadQuad(start + ((ulong)at * sizeof(float)));

    private static Quad Less(Quad values, float mean) => new(values.A - mean, values.B - mean, values.C - mean, values.D - mean);

    private static float At(Floats weight, int row, int column, DeciderSplit size) =>
        row < size.Rows && column < size.Columns ? weight[((long)row * size.Columns) + column] : 0f;

    private static float Top(DeciderBatchInput input, long from, int column, DeciderBatchSize size) =>
        column < size.TopK ? input.TopValues[from + column] : 0f;

    private static void Put(ulong parts, int row, int column, int width, Quad values) =>
        BatchParts.Put(parts + (((ulong)row * (ulong)(2 * width)) + (ulong)column) * sizeof(ushort), (ulong)width * sizeof(ushort), values);
}

/// <summary>Sizes of a matrix of which parts are made.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="PaddedRows">Rows of the parts.</param>
/// <param name="Width">Columns of one part: whole slices.</param>
internal readonly record struct DeciderSplit(int Rows, int Columns, int PaddedRows, int Width);

/// <summary>Sizes of a decider's input.</summary>
/// <param name="Rows">Head rows.</param>
/// <param name="Hidden">Elements of a hidden state.</param>
/// <param name="Features">Of all hidden states together.</param>
/// <param name="Combined">Columns of the combined projection.</param>
/// <param name="TopK">Logits that are read.</param>
/// <param name="TopWidth">The same in whole slices.</param>
/// <param name="KeptTopK">How many each slot holds.</param>
internal readonly record struct DeciderBatchSize(int Rows, int Hidden, int Features, int Combined, int TopK, int TopWidth, int KeptTopK);

/// <summary>Where a decider's input comes from: up to eight hidden states, and logits.</summary>
internal readonly record struct DeciderBatchInput(
    ulong A, ulong B, ulong C, ulong D, ulong E, ulong F, ulong G, ulong H, Ints RowOf, Ints SlotOf, Floats TopValues)
{
    /// <summary>The most hidden states.</summary>
    public const int MostStates = 8;

    /// <summary>Where a hidden state starts.</summary>
    public ulong Of(int state)
    {
        if (state < 4) return state < 2 ? (state == 0 ? A : B) : state == 2 ? C : D;
        return state < 6 ? (state == 4 ? E : F) : state == 6 ? G : H;
    }
}
