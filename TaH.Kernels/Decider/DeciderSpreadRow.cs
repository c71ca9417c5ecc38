using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread's sixteen floats of a row that a warp shares: an octet of the first 256 and one of the second, zeros behind the width.</summary>
internal readonly record struct DeciderSpreadRow(Quad Low0, Quad High0, Quad Low1, Quad High1)
{
    private const int Half = MatVecTask.Octet * MatVec.WarpSize;

    /// <summary>x less its first element, so that sums of squares lose nothing where all elements are alike.</summary>
    /// <param name="x">In shared memory, zeros behind the width.</param>
    /// <param name="width">Elements of x: a multiple of eight.</param>
    public static DeciderSpreadRow Of(Floats x, int width)
    {
        int first = Group.IdxX % MatVec.WarpSize * MatVecTask.Octet, second = first + Half;
        float origin = x[0], origin0 = first < width ? origin : 0f, origin1 = second < width ? origin : 0f;
        return new DeciderSpreadRow(
            Shared(x, first, origin0), Shared(x, first + 4, origin0), Shared(x, second, origin1), Shared(x, second + 4, origin1));
    }

    /// <summary>A row of global memory that nobody writes.</summary>
    public static DeciderSpreadRow Load(ulong row, int width)
    {
        int first = Group.IdxX % MatVec.WarpSize * MatVecTask.Octet, second = first + Half;
        return new DeciderSpreadRow(
            Global(row, first, width), Global(row, first + 4, width), Global(row, second, width), Global(row, second + 4, width));
    }

    /// <summary>Two octets of bf16.</summary>
    public static DeciderSpreadRow Of(Word16 octet0, Word16 octet1)
    {
        var format = default(Bfloat16Octets);
        return new DeciderSpreadRow(format.Low(octet0), format.High(octet0), format.Low(octet1), format.High(octet1));
    }

    /// <summary>The thread's part of the sum.</summary>
    public float Sum() => Sum(Low0) + Sum(High0) + (Sum(Low1) + Sum(High1));

    /// <summary>Element by element.</summary>
    public DeciderSpreadRow Times(DeciderSpreadRow other) =>
        new(Low0.Times(other.Low0), High0.Times(other.High0), Low1.Times(other.Low1), High1.Times(other.High1));

    /// <summary>The thread's part of the sum of products.</summary>
    public float Dot(DeciderSpreadRow other) => High0.AddDot(other.High0, Low0.AddDot(other.Low0, 0f))
        + High1.AddDot(other.High1, Low1.AddDot(other.Low1, 0f));

    private static Quad Shared(Floats x, int element, float origin)
    {
        var four = PtxInstructions.LoadSharedQuad(PtxInstructions.AddressOf(ref x[element]));
        return new Quad(four.A - origin, four.B - origin, four.C - origin, four.D - origin);
    }

    private static Quad Global(ulong row, int element, int width) =>
        PtxInstructions.LoadQuadBelow(row + ((ulong)element * sizeof(float)), element, width);

    private static float Sum(Quad four) => four.A + four.B + (four.C + four.D);
}
