using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>What the kernels select is tested with <see cref="TopKTests"/>; here that they are given every row.</summary>
[Collection(DeviceCollection.Name)]
public class LargestLogitsTests(TestDevices devices)
{
    public static TheoryData<LargestLogitsVariant, DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<LargestLogitsVariant, DeviceKind, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<LargestLogitsVariant>())
        foreach (var (vocab, k) in ((int, int)[])[(1, 1), (576, 576), (3001, 100)])
            cases.Add(variant, kind, vocab, k);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Are_the_largest_of_every_row_in_order(LargestLogitsVariant variant, DeviceKind kind, int vocab, int k)
    {
        var device = devices.OpenOrSkip(kind);
        var operation = devices.Once(device, variant, (on, by) => new LargestLogits(on, by));
        foreach (var rows in (int[])[2, 5]) // the second time the table has to grow
        {
            float[] logits = [.. RandomData.Uniform(1, rows * vocab, 20f).Select(value => MathF.Round(value * 8f))]; // many are equal
            using var xs = device.Copy(logits);
            using var values = new Poisoned(device, rows * k);
            using var tokens = device.Copy([.. Enumerable.Repeat(-7, rows * k)]);
            operation.Run(xs.View, values.View, tokens.View, new TopKShape(rows, vocab, k));
            device.Synchronize();
            int[] expected = [.. Enumerable.Range(0, rows).SelectMany(row => Largest(logits, row, vocab, k))];
            Assert.Equal(expected, tokens.GetAsArray1D()[..expected.Length]);
            Assert.Equal(expected.Select((token, at) => logits[(at / k * vocab) + token]), values.Read());
        }
    }

    /// <summary>On a card a race between threads of a row is seen in many rows only.</summary>
    [Fact]
    public void Are_the_largest_of_very_many_rows()
    {
        const int Rows = 8192, Vocab = 576, K = 100;
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var logits = RandomData.Uniform(3, Rows * Vocab, 20f);
        int[] expected = [.. Enumerable.Range(0, Rows).AsParallel().AsOrdered().SelectMany(row => Largest(logits, row, Vocab, K))];
        using var operation = new LargestLogits(device, LargestLogitsVariant.Portable);
        using var xs = device.Copy(logits);
        using var values = new Poisoned(device, Rows * K);
        using var tokens = device.Copy(new int[Rows * K]);
        for (var i = 0; i < 100; i++)
        {
            operation.Run(xs.View, values.View, tokens.View, new TopKShape(Rows, Vocab, K));
            device.Synchronize();
            Assert.True(expected.AsSpan().SequenceEqual(tokens.GetAsArray1D()), $"run {i}");
        }
    }

    [Fact]
    public void Refuses_more_than_there_are()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var floats = device.AllocateFloats(4);
        using var ints = device.AllocateInts(4);
        using var operation = new LargestLogits(device, LargestLogitsVariant.Simd);
        Assert.Throws<ArgumentOutOfRangeException>(() => operation.Run(floats.View, floats.View, ints.View, new TopKShape(1, 3, 4)));
    }

    private static IEnumerable<int> Largest(float[] logits, int row, int vocab, int k) =>
        Enumerable.Range(0, vocab).OrderByDescending(v => logits[(row * vocab) + v]).ThenBy(v => v).Take(k);
}
