using System.Numerics;

namespace TaH.Engine;

/// <summary>Random numbers that are the same on every platform and .NET version: xoshiro256** of Blackman and Vigna (2018).</summary>
/// <remarks>Seeded by SplitMix64 (Steele, Lea, Flood 2014), as its authors advise. A seed has as many streams as there are numbers.</remarks>
internal sealed class Xoshiro256
{
    private const ulong Golden = 0x9e3779b97f4a7c15UL;

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>Begins a stream of a seed.</summary>
    public Xoshiro256(long seed, long stream = 0)
    {
        var state = Mix((ulong)seed + Golden) ^ (ulong)stream;
        (_a, _b, _c, _d) = (Mix(state += Golden), Mix(state += Golden), Mix(state += Golden), Mix(state + Golden));
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number from 0 to <paramref name="count"/> - 1, each as likely as any other.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var bound = (ulong)count;
        // The high half of a product is uniform but for the few low halves below 2^64 mod count, which are drawn again.
        var high = Math.BigMul(Next(), bound, out var low);
        if (low < bound)
        {
            for (var least = (0 - bound) % bound; low < least;) high = Math.BigMul(Next(), bound, out low);
        }
        return (int)high;
    }

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both of them included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>One of some items.</summary>
    public T Choose<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>Brings items into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>The finaliser of SplitMix64: every bit of the result depends on every bit of the number.</summary>
    public static ulong Mix(ulong number)
    {
        number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9UL;
        number = (number ^ (number >> 27)) * 0x94d049bb133111ebUL;
        return number ^ (number >> 31);
    }
}
