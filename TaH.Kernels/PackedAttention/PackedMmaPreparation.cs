using ILGPU;

namespace TaH.Kernels;

/// <summary>CUDA: copies as bf16, a head's lines side by side, and what the backward needs of every row and head.</summary>
internal static class PackedMmaPreparation
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Groups enough for a thread each.</summary>
    public static KernelConfig Config(long threads) => new(checked((int)((threads + GroupSize - 1) / GroupSize)), GroupSize);

    /// <summary>q, k and v as bf16; a thread has eight elements.</summary>
    public static void Narrow(PackedMmaCopies copies)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var octets = copies.HeadDim / 8;
        var at = Elements.Index;
        long queries = (long)copies.Rows * copies.Heads * octets, entries = (long)copies.Entries * copies.KvHeads * octets;
        if (at < queries)
        {
            Narrow(copies.Q, copies.Query, at, octets, copies.Rows, copies.Heads);
            return;
        }
        at -= queries;
        if (at < entries) Narrow(copies.K, copies.Key, at, octets, copies.Entries, copies.KvHeads);
        else if (at < 2 * entries) Narrow(copies.V, copies.Value, at - entries, octets, copies.Entries, copies.KvHeads);
    }

    /// <summary>dMixed as bf16, and the log-sum in units of log 2 beside delta; a thread has four elements.</summary>
    /// <param name="gradient">Address of dMixed, [rows, heads, headDim].</param>
    /// <param name="mixed">Address of mixed, likewise.</param>
    /// <param name="logSums">Address of [rows, heads].</param>
    /// <param name="narrow">Address of dMixed as bf16, [heads, rows, headDim], written.</param>
    /// <param name="statistics">Address of [heads, rows] and of deltas likewise, written.</param>
    /// <param name="shape">The sizes; headDim is 64 or 128.</param>
    public static void Statistics(ulong gradient, ulong mixed, ulong logSums, ulong narrow, ulong statistics, PackedAttentionShape shape)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var quad = Elements.Index;
        var team = shape.HeadDim / 4; // a warp, or half of one: all of its threads are inside, or none
        var line = quad / team;
        var inside = line < (long)shape.Rows * shape.Heads;
        var at = inside ? (ulong)quad * Word16.Bytes : 0;
        Quad own = PtxInstructions.LoadQuad(gradient + at), other = PtxInstructions.LoadQuad(mixed + at);
        var delta = LaneTeam.Sum(own.AddDot(other, 0f), 16);
        var rest = LaneTeam.Exchange(new Quad(delta, 0f, 0f, 0f), 16).A;
        if (team > 16) delta += rest;
        if (!inside) return;
        var target = Turned(line, shape.Rows, shape.Heads);
        PtxInstructions.StoreUIntPair(
            narrow + ((ulong)((target * team) + (quad % team)) * 4 * sizeof(ushort)), PtxInstructions.PackBfloat16(own.A, own.B),
            PtxInstructions.PackBfloat16(own.C, own.D));
        if (quad % team != 0) return;
        var logSum = PtxInstructions.LoadFloat(logSums + ((ulong)line * sizeof(float))) * PackedMmaTask.Log2E;
        if (logSum < HeadState.NoScore) logSum = 0f; // of a row that sees nothing: a number, so that masked scores come to a weight of zero
        PtxInstructions.StoreUInt(statistics + ((ulong)target * sizeof(float)), Interop.FloatAsInt(logSum));
        var deltas = statistics + (PackedMmaTask.DeltasAt(shape.Rows, shape.Heads) * sizeof(float));
        PtxInstructions.StoreUInt(deltas + ((ulong)target * sizeof(float)), Interop.FloatAsInt(delta));
    }

    private static void Narrow(ulong from, ulong to, long octet, int octets, int lines, int heads)
    {
        var source = from + ((ulong)octet * 32);
        var word = Bfloat16CopyPtx.Pack(PtxInstructions.LoadQuad(source), PtxInstructions.LoadQuad(source + Word16.Bytes));
        var target = (Turned(octet / octets, lines, heads) * octets) + (octet % octets);
        PtxInstructions.StoreWord(to + ((ulong)target * Word16.Bytes), word);
    }

    /// <summary>Where a line of [lines, heads] is among [heads, lines].</summary>
    private static long Turned(long line, int lines, int heads) => (line % heads * lines) + (line / heads);
}

/// <summary>What is copied.</summary>
/// <param name="Q">Address of [rows, heads, headDim].</param>
/// <param name="K">Address of [entries, kvHeads, headDim].</param>
/// <param name="V">Likewise.</param>
/// <param name="Query">Address of [heads, rows, headDim] of bf16.</param>
/// <param name="Key">Address of [kvHeads, entries, headDim] of bf16.</param>
/// <param name="Value">Likewise.</param>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Entries">Entries.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">A multiple of 8.</param>
internal readonly record struct PackedMmaCopies(
    ulong Q, ulong K, ulong V, ulong Query, ulong Key, ulong Value, int Rows, int Entries, int Heads, int KvHeads, int HeadDim);
