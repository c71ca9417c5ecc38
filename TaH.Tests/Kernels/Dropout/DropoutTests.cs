using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DropoutTests(TestDevices devices)
{
    private static readonly DropoutKey Key = new(Seed: 0x1234_5678_9abc_def0, Stream: 3, Step: 17);

    // 1, 31: no full lane of words; 128: one tile; 1000: a tail within a tile. Probability 0 keeps all.
    public static TheoryData<DropoutVariant, DeviceKind, int, float> Cases()
    {
        var cases = new TheoryData<DropoutVariant, DeviceKind, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<DropoutVariant>())
        foreach (var (length, probability) in ((int, float)[])[(1, 0.5f), (31, 0.1f), (128, 0f), (1000, 0.3f), (1000, 0.999f)])
            cases.Add(variant, kind, length, probability);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gives_the_same_bits_everywhere(DropoutVariant variant, DeviceKind kind, int length, float probability)
    {
        var device = devices.OpenOrSkip(kind);
        var x = RandomData.Uniform(seed: 1, length);
        using var xs = device.Copy(x);
        using var y = new Poisoned(device, length);
        var dropout = devices.Once(device, variant, (on, by) => new Dropout(on, by));
        dropout.Run(xs.View, y.View, new DropoutShape(length, probability), Key);
        dropout.Run(xs.View, xs.View, new DropoutShape(length, probability), Key); // over its input
        device.Synchronize();
        Assert.Equal(Reference(x, probability, Key), y.Read());
        Assert.Equal(y.Read(), xs.GetAsArray1D()[..length]);
    }

    [Theory, InlineData(0.1f), InlineData(0.5f)]
    public void Drops_its_share_and_keeps_the_mean(float probability)
    {
        const int Length = 200_000;
        var y = Run([.. Enumerable.Repeat(1f, Length)], probability, Key);
        // Six standard deviations of a binomial.
        var spread = 6 * Math.Sqrt(probability * (1 - probability) / Length);
        Assert.InRange(y.Count(value => value == 0) / (double)Length, probability - spread, probability + spread);
        Assert.Equal(1, y.Average(value => (double)value), spread / (1 - probability));
    }

    [Fact]
    public void Every_part_of_the_key_gives_another_mask()
    {
        var ones = Enumerable.Repeat(1f, 1000).ToArray();
        float[][] masks =
        [
            .. ((DropoutKey[])[Key, Key with { Seed = Key.Seed + 1 }, Key with { Seed = Key.Seed + (1ul << 32) }, Key with { Stream = 4 },
                Key with { Step = 18 }]).Select(key => Run(ones, 0.5f, key)),
        ];
        for (var a = 0; a < masks.Length; a++)
        for (var b = 0; b < a; b++)
            Assert.InRange(masks[a].Zip(masks[b]).Count(pair => pair.First != pair.Second), 400, 600); // six standard deviations of half of them
    }

    [Theory, InlineData(1f), InlineData(-0.1f), InlineData(float.NaN)]
    public void Refuses_what_is_no_probability(float probability) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Run([1f], probability, Key));

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer x = device.AllocateFloats(6), y = device.AllocateFloats(5);
        var failure = Assert.Throws<ShapeException>(
            () => new Dropout(device, DropoutVariant.Simd).Run(x.View, y.View, new DropoutShape(6, 0.5f), Key));
        Assert.StartsWith("y has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>By the layout's definition, element by element: 32 lanes of four words to 128 elements.</summary>
    private static float[] Reference(float[] x, float probability, DropoutKey key) => [.. x.Select((value, i) =>
    {
        var lane = (i / 128 * 32) + (i % 32);
        var words = Philox.Of(new PhiloxWords((uint)lane, 0, key.Stream, key.Step), (uint)key.Seed, (uint)(key.Seed >> 32));
        var word = (i % 128 / 32) switch { 0 => words.A, 1 => words.B, 2 => words.C, _ => words.D };
        return word < probability * 4294967296.0 ? 0f : value * (float)(1 / (1 - (double)probability));
    })];

    private float[] Run(float[] x, float probability, DropoutKey key)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var xs = device.Copy(x);
        new Dropout(device, DropoutVariant.Simd).Run(xs.View, xs.View, new DropoutShape(x.Length, probability), key);
        return xs.GetAsArray1D()[..x.Length];
    }
}
