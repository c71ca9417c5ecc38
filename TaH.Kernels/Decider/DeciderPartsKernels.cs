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

    /// <summary>The input: hidden states side by side, then the top logits; zeros behind them.</summary>
    /// <param name="states">Where all of it comes from.</param>
    /// <param name="parts">Where [head rows, 2, width] start, written.</param>
    /// <param name="size">The sizes.</param>
    public static void Collect(DeciderStates states, ulong parts, DeciderInputSize size)
    {
        PtxInstructions.LetNextStart();
        var index = (Grid.IdxX * GroupSize) + Group.IdxX;
        // The first product has few groups, each with much to read: while the kernel in front ends, its weights come as far as the L2 cache.
        for (var at = (long)index * PtxInstructions.LineBytes; at < size.WeightBytes; at += (long)Grid.DimX * GroupSize * PtxInstructions.LineBytes)
            PtxInstructions.PrefetchLine(size.Weights + (ulong)at);
        PtxInstructions.WaitForPrevious();
        int head = index / (size.Width / 4), column = index % (size.Width / 4) * 4, top = column - size.Features;
        if (head >= size.Rows) return;
        if (top < 0)
        {
            Put(parts, head, column, size.Width, states.Load(head, column));
            return;
        }
        var logits = new Quad(states.Top(head, top), states.Top(head, top + 1), states.Top(head, top + 2), states.Top(head, top + 3));
        Put(parts, head, column, size.Width, logits);
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
        var moments = Moments(start, lane, shape);
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize)
            Put(parts, row, at, shape.Width, Normed(start, at, moments, weight, bias));
    }

    /// <summary>LayerNorm of each row, and the layer behind it of one output; a warp a row.</summary>
    /// <param name="x">Where [rows, width] start.</param>
    /// <param name="weight">Where the norm's [width] starts.</param>
    /// <param name="bias">Where the norm's [width] starts.</param>
    /// <param name="output">Where the layer's [width] starts.</param>
    /// <param name="outputBias">Where its only bias is.</param>
    /// <param name="decisions">Where [rows] start, written.</param>
    /// <param name="shape">The sizes; width is a multiple of 4.</param>
    public static void Judge(ulong x, ulong weight, ulong bias, ulong output, ulong outputBias, ulong decisions, LayerNormShape shape)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int row = (Grid.IdxX * (GroupSize / MatVec.WarpSize)) + (Group.IdxX / MatVec.WarpSize), lane = Group.IdxX % MatVec.WarpSize;
        if (row >= shape.Rows) return; // a whole warp
        var start = x + ((ulong)row * (ulong)shape.Width * sizeof(float));
        var moments = Moments(start, lane, shape);
        var sum = 0f;
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize)
        {
            var products = Normed(start, at, moments, weight, bias).Times(Load(output, at));
            sum += products.A + products.B + products.C + products.D;
        }
        sum = WarpReduce.Sum(sum);
        if (lane == 0)
            PtxInstructions.StoreUInt(
                decisions + ((ulong)row * sizeof(float)), Interop.FloatAsInt(sum + PtxInstructions.LoadConstantFloat(outputBias)));
    }

    /// <summary>The mean of a row, and what its distances from it are multiplied with.</summary>
    private static FloatPair Moments(ulong start, int lane, LayerNormShape shape)
    {
        var sum = 0f;
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize)
        {
            var values = Load(start, at);
            sum += values.A + values.B + values.C + values.D;
        }
        var mean = WarpReduce.Sum(sum) / shape.Width;
        var squares = 0f;
        for (var at = 4 * lane; at < shape.Width; at += 4 * MatVec.WarpSize) squares += Less(Load(start, at), mean).Squares();
        return new FloatPair(mean, XMath.Rsqrt((WarpReduce.Sum(squares) / shape.Width) + shape.Epsilon));
    }

    private static Quad Normed(ulong start, int at, FloatPair moments, ulong weight, ulong bias) =>
        Less(Load(start, at), moments.First).Scaled(moments.Second).Times(Load(weight, at)).Plus(Load(bias, at));

    private static Quad Load(ulong start, int at) => PtxInstructions.LoadQuad(start + ((ulong)at * sizeof(float)));

    private static Quad Less(Quad values, float mean) => new(values.A - mean, values.B - mean, values.C - mean, values.D - mean);

    private static float At(Floats weight, int row, int column, DeciderSplit size) =>
        row < size.Rows && column < size.Columns ? weight[((long)row * size.Columns) + column] : 0f;

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
/// <param name="Features">Elements of all hidden states together: a multiple of 4.</param>
/// <param name="Width">Elements of one part of a row: whole slices.</param>
/// <param name="Weights">Where the weights of the first product start.</param>
/// <param name="WeightBytes">Bytes of these.</param>
internal readonly record struct DeciderInputSize(int Rows, int Features, int Width, ulong Weights, long WeightBytes);
