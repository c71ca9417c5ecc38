namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RandomWeightsTests(TestDevices devices)
{
    public static TheoryData<RandomWeightsVariant, DeviceKind> Cases() => [.. KernelCases.Of<RandomWeightsVariant>()];

    [Theory, MemberData(nameof(Cases))]
    public void Every_variant_makes_the_bits_of_the_definition(RandomWeightsVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var random = new RandomWeights(device, variant);
        foreach (var (rows, columns, bound, seed) in new[] { (1, 1, 1f, 0u), (3, 67, 0.03125f, 7u), (5, 16_411, 0.1f, 4_000_000_000u) })
        {
            using var matrix = random.Make(rows, columns, bound, seed);
            var bits = new ushort[matrix.Length];
            device.Download(matrix.Halves, bits);
            Assert.Equal(Enumerable.Range(0, bits.Length).Select(i => Expected((uint)i, bound, seed)), bits);
        }
    }

    [Fact]
    public void They_are_uniform_within_their_bound()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var matrix = new RandomWeights(device).Make(1000, 1000, 0.5f, seed: 3);
        var bits = new ushort[matrix.Length];
        device.Download(matrix.Halves, bits);
        var values = bits.Select(stored => (double)BitConverter.UInt32BitsToSingle((uint)stored << 16)).ToArray();
        Assert.True(values.Min() >= -0.5 && values.Max() <= 0.5);
        // Mean 0 with deviation 0.5 / sqrt(3); the mean of a million is within five of its own deviations, the mean square within 1 %.
        Assert.True(Math.Abs(values.Average()) < 5 * 0.5 / Math.Sqrt(3e6));
        Assert.True(Math.Abs((values.Average(value => value * value) * 12) - 1) < 0.01);
    }

    private static ushort Expected(uint index, float bound, uint seed)
    {
        unchecked
        {
            var hash = (index * 0x9e3779b1u) ^ seed;
            hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
            hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
            hash ^= hash >> 16;
            var value = (int)(hash & 0xffffff00u) / 2147483648f * bound;
            // Ties to even, through a double that holds both neighbours exactly.
            var lower = BitConverter.SingleToUInt32Bits(value) & 0xffff0000u;
            var (below, above) = ((double)BitConverter.UInt32BitsToSingle(lower), (double)BitConverter.UInt32BitsToSingle(lower + 0x10000u));
            var (down, up) = (Math.Abs(value - below), Math.Abs(above - value));
            return (ushort)((down < up || (down == up && ((lower >> 16) & 1) == 0) ? lower : lower + 0x10000u) >> 16);
        }
    }
}
