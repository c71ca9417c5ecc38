using System.Numerics;
using System.Runtime.InteropServices;

namespace TaH.Kernels;

/// <summary>
/// Selects the k largest of a span in one pass: what exceeds the k-th largest so far goes to a buffer, which is sorted and cut to k whenever it is
/// full. Almost all elements fail that test, many in one vector comparison.
/// </summary>
internal static class LargestSelector
{
    // Room beyond k before the buffer is cut: more means fewer sorts of more elements.
    private const int Slack = 512;

    /// <summary>Elements of the buffer that <see cref="Select"/> works in.</summary>
    public static int RoomFor(int length, int k) => Math.Min(length, k + Slack);

    /// <summary>The index that an element of the selection stands for.</summary>
    public static int IndexOf(ulong entry) => (int)(uint)entry;

    /// <summary>The k largest in descending order, the lower index first among equals; NaN first.</summary>
    /// <param name="values">At least <paramref name="k"/> of them.</param>
    /// <param name="k">At least 1.</param>
    /// <param name="memory">At least <see cref="RoomFor"/> elements; the result is its start.</param>
    public static ReadOnlySpan<ulong> Select(ReadOnlySpan<float> values, int k, Span<ulong> memory)
    {
        var buffer = memory[..RoomFor(values.Length, k)];
        for (var i = 0; i < buffer.Length; i++) buffer[i] = Entry(values[i], i);
        var next = buffer.Length;
        while (true)
        {
            // An entry is smaller the larger the value and the lower the index.
            buffer.Sort();
            if (next == values.Length) return buffer[..k];
            var filled = Refill(values, ref next, buffer, k);
            buffer = buffer[..filled];
        }
    }

    /// <summary>The first index from which on four vectors hold anything above the threshold or NaN; else fewer than four vectors are left.</summary>
    public static int SkipNotAbove(ReadOnlySpan<float> values, int start, float threshold)
    {
        var width = Vector<float>.Count;
        var bound = new Vector<float>(threshold);
        ref var first = ref MemoryMarshal.GetReference(values);
        for (; start <= values.Length - (4 * width); start += 4 * width)
        {
            var low = Vector.LessThanOrEqual(Vector.LoadUnsafe(ref first, (nuint)start), bound)
                & Vector.LessThanOrEqual(Vector.LoadUnsafe(ref first, (nuint)(start + width)), bound);
            var high = Vector.LessThanOrEqual(Vector.LoadUnsafe(ref first, (nuint)(start + (2 * width))), bound)
                & Vector.LessThanOrEqual(Vector.LoadUnsafe(ref first, (nuint)(start + (3 * width))), bound);
            if (!Vector.EqualsAll(low & high, Vector<int>.AllBitsSet)) return start;
        }
        return start;
    }

    private static ulong Entry(float value, int index) => ((ulong)~OrderedBits.Of(value) << 32) | (uint)index;

    /// <summary>
    /// Appends elements that exceed the k-th, which is what the later of two equals has to do, until the buffer is full or the values end.
    /// </summary>
    private static int Refill(ReadOnlySpan<float> values, ref int next, Span<ulong> buffer, int k)
    {
        var filled = k;
        var worst = buffer[k - 1];
        var threshold = values[IndexOf(worst)];
        while (next < values.Length && filled < buffer.Length)
        {
            next = SkipNotAbove(values, next, threshold);
            var end = Math.Min(next + (4 * Vector<float>.Count), values.Length);
            for (; next < end && filled < buffer.Length; next++)
            {
                var entry = Entry(values[next], next);
                if (entry < worst) buffer[filled++] = entry;
            }
        }
        return filled;
    }
}
