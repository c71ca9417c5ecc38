using ILGPU;

namespace TaH.Kernels;

/// <summary>Lines of bf16 in shared memory, one head each: their words of 16 bytes are permuted so that eight lines' same word lies in different banks.</summary>
internal static class PackedLines
{
    /// <summary>Threads of the group, which all copy.</summary>
    public const int GroupSize = 128;

    /// <summary>Lines start at multiples of this, so that the number of a word can be exchanged by an exclusive or.</summary>
    public const int Alignment = 256;

    /// <summary>The group's dynamic shared memory from the first multiple of <see cref="Alignment"/> on.</summary>
    public static ulong Room()
    {
        var memory = SharedMemory.GetDynamic<float>();
        return (PtxInstructions.AddressOf(ref memory[0]) + (Alignment - 1)) & ~(ulong)(Alignment - 1);
    }

    /// <summary>Starts to copy neighbouring lines.</summary>
    /// <param name="source">Address of the first line.</param>
    /// <param name="target">Where they go.</param>
    /// <param name="lines">How many: a constant, of which the group copies some with each instruction.</param>
    /// <param name="lineBytes">Bytes of a line: 128 or 256.</param>
    public static void Copy(ulong source, ulong target, int lines, int lineBytes)
    {
        const int Together = GroupSize * Word16.Bytes;
        var words = lineBytes / Word16.Bytes;
        int line = Group.IdxX / words, word = Group.IdxX % words;
        var from = source + (ulong)(Group.IdxX * Word16.Bytes);
        var to = target + (ulong)((line * lineBytes) + ((word ^ (line % 8)) * Word16.Bytes));
        for (var i = 0; i < lines * lineBytes / Together; i++) PtxInstructions.StartWholeCopy(to + (ulong)(i * Together), from + (ulong)(i * Together));
    }

    /// <summary>The thread's place among lines of a left operand, or of lines that are mixed.</summary>
    public static ulong OfRows(ulong lines, int lineBytes, int lane) =>
        lines + (ulong)((lane % 16 * lineBytes) + (((lane / 16) ^ (lane % 8)) * Word16.Bytes));

    /// <summary>The thread's place among lines that become columns.</summary>
    public static ulong OfColumns(ulong lines, int lineBytes, int lane) =>
        lines + (ulong)((((lane % 8) + (lane / 16 * 8)) * lineBytes) + (((lane / 8 % 2) ^ (lane % 8)) * Word16.Bytes));

    /// <summary>All products of rows with lines: as many elements as <typeparamref name="TSums"/> has columns.</summary>
    /// <typeparam name="TScores">The products.</typeparam>
    /// <typeparam name="TSums">What says how wide a head is: 4 or 8 strips.</typeparam>
    public static TScores Multiply<TScores, TSums>(ulong row, ulong line)
        where TScores : unmanaged, IPackedTile<TScores> where TSums : unmanaged, IPackedTile<TSums>
    {
        var lineBytes = LineBytes<TSums>();
        var scores = Multiply4<TScores>(default, row, line, lineBytes);
        if (default(TSums).Strips > 4) scores = Multiply4<TScores>(scores, row ^ 128, line ^ 128, lineBytes);
        return scores;
    }

    /// <summary>Bytes of a line of a head.</summary>
    public static int LineBytes<TSums>() where TSums : unmanaged, IPackedTile<TSums> => 16 * default(TSums).Strips * sizeof(ushort);

    private static TScores Multiply4<TScores>(TScores scores, ulong row, ulong line, int lineBytes)
        where TScores : unmanaged, IPackedTile<TScores>
    {
        scores = Multiply1(scores, row, line, lineBytes);
        scores = Multiply1(scores, row ^ 32, line ^ 32, lineBytes);
        scores = Multiply1(scores, row ^ 64, line ^ 64, lineBytes);
        return Multiply1(scores, row ^ 96, line ^ 96, lineBytes);
    }

    private static TScores Multiply1<TScores>(TScores scores, ulong row, ulong line, int lineBytes)
        where TScores : unmanaged, IPackedTile<TScores> =>
        default(TScores).AddProducts(scores, default(TScores).LoadRows(row, lineBytes), line, lineBytes);
}
