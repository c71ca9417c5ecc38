using ILGPU;

namespace TaH.Kernels;

/// <summary>Every accelerator: loads of 16 bytes, four on their way at a time.</summary>
internal static class BandwidthPortable
{
    private const int Unroll = 4;

    public static void Read(ArrayView<Word16> source, Ints sink, BandwidthWalk walk)
    {
        var i = Elements.Index * walk.Apart;
        var end = End(i, walk);
        uint a = 0, b = 0, c = 0, d = 0;
        for (; i + ((Unroll - 1) * walk.Step) < end; i += Unroll * walk.Step)
        {
            var (first, second, third, fourth) = (source[i], source[i + walk.Step], source[i + (2 * walk.Step)], source[i + (3 * walk.Step)]);
            a ^= first.A ^ first.B ^ first.C ^ first.D;
            b ^= second.A ^ second.B ^ second.C ^ second.D;
            c ^= third.A ^ third.B ^ third.C ^ third.D;
            d ^= fourth.A ^ fourth.B ^ fourth.C ^ fourth.D;
        }
        for (; i < end; i += walk.Step) a ^= source[i].A ^ source[i].B ^ source[i].C ^ source[i].D;
        // Whoever reads must use what was read, or the compiler leaves the reading out; this value hardly ever comes.
        if ((a ^ b ^ c ^ d) == 0x5eed5eedu) sink[0] = 1;
    }

    public static void Copy(ArrayView<Word16> source, ArrayView<Word16> target, BandwidthWalk walk)
    {
        var i = Elements.Index * walk.Apart;
        var end = End(i, walk);
        for (; i + ((Unroll - 1) * walk.Step) < end; i += Unroll * walk.Step)
        {
            var (first, second, third, fourth) = (source[i], source[i + walk.Step], source[i + (2 * walk.Step)], source[i + (3 * walk.Step)]);
            target[i] = first;
            target[i + walk.Step] = second;
            target[i + (2 * walk.Step)] = third;
            target[i + (3 * walk.Step)] = fourth;
        }
        for (; i < end; i += walk.Step) target[i] = source[i];
    }

    private static long End(long first, BandwidthWalk walk) => first + walk.Reach < walk.Words ? first + walk.Reach : walk.Words;
}
