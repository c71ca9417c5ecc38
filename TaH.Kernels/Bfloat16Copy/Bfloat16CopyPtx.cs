using ILGPU;

namespace TaH.Kernels;

/// <summary>CUDA: 16 or 32 bytes a thread and side.</summary>
internal static class Bfloat16CopyPtx
{
    public static void Narrow(ulong from, ulong to, long octets)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var at = Elements.Index;
        if (at >= octets) return;
        var low = PtxInstructions.LoadQuad(from + ((ulong)at * 32));
        var high = PtxInstructions.LoadQuad(from + ((ulong)at * 32) + Word16.Bytes);
        PtxInstructions.StoreWord(to + ((ulong)at * Word16.Bytes), Pack(low, high));
    }

    public static void Widen(ulong from, ulong to, long octets)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var at = Elements.Index;
        if (at >= octets) return;
        var pairs = PtxInstructions.LoadQuad(from + ((ulong)at * Word16.Bytes));
        var target = to + ((ulong)at * 32);
        Widen(target, pairs.A);
        Widen(target + 8, pairs.B);
        Widen(target + 16, pairs.C);
        Widen(target + 24, pairs.D);
    }

    /// <summary>Eight elements as bf16.</summary>
    public static Word16 Pack(Quad low, Quad high) => new(
        PtxInstructions.PackBfloat16(low.A, low.B), PtxInstructions.PackBfloat16(low.C, low.D),
        PtxInstructions.PackBfloat16(high.A, high.B), PtxInstructions.PackBfloat16(high.C, high.D));

    private static void Widen(ulong target, float pair)
    {
        uint bits = Interop.FloatAsInt(pair);
        PtxInstructions.StorePair(target, Interop.IntAsFloat(bits << 16), Interop.IntAsFloat(bits & 0xffff0000u));
    }
}
