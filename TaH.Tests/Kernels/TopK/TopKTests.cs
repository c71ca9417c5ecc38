using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TopKTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    /// <summary>What a row of logits may look like.</summary>
    public enum Logits
    {
        Random,
        FewDistinct,
        ZerosOfBothSigns,
        Ascending,
        Descending,
        CrowdedInOneChunk,
        Crowded,
        InfiniteAndNaN,
    }

    // vocab = k; the tiny models' 257 and 576; 3001: more than there are candidates, odd, so that chunks and vectors have tails.
    public static TheoryData<TopKVariant, DeviceKind, Logits, int, int> Cases()
    {
        var cases = new TheoryData<TopKVariant, DeviceKind, Logits, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<TopKVariant>())
        foreach (var kindOfLogits in Enum.GetValues<Logits>())
        foreach (var (vocab, k) in (ValueTuple<int, int>[])[(1, 1), (257, 257), (576, 100), (576, 300), (3001, 100)])
            cases.Add(variant, kind, kindOfLogits, vocab, k);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Are_the_largest_in_order(TopKVariant variant, DeviceKind kind, Logits kindOfLogits, int vocab, int k) =>
        Verify(devices.OpenOrSkip(kind), variant, kindOfLogits, vocab, k);

    // 576: fewer buckets than k; 9000: some buckets with two runs; vocabularies whose rows start at multiples of 16 bytes and others.
    [Theory, InlineData(Logits.Random, 9000, 100), InlineData(Logits.Crowded, 9000, 100), InlineData(Logits.Ascending, 576, 100)]
    [InlineData(Logits.InfiniteAndNaN, 3001, 60), InlineData(Logits.Descending, 9001, 1)]
    public void Buckets_give_the_largest_in_order(Logits kindOfLogits, int vocab, int k) =>
        Verify(warps.Simulated, TopKVariant.CudaBuckets, kindOfLogits, vocab, k);

    private void Verify(ComputeDevice device, TopKVariant variant, Logits kindOfLogits, int vocab, int k)
    {
        using var logits = new LogitsState(device, slots: 3, vocab, k);
        float[][] slots = [Make(kindOfLogits, vocab, seed: 1), Make(Logits.Random, vocab, seed: 2), Make(kindOfLogits, vocab, seed: 3)];
        logits.Accumulated.CopyFromCPU([.. slots.SelectMany(values => values)]);
        var untouched = Enumerable.Repeat(-7, 3 * k).ToArray();
        logits.TopTokens.CopyFromCPU(untouched);
        using var rows = new RowTable(device, capacity: 4, depths: 1);
        rows.Upload([Row(slot: 2), Row(slot: 1, wants: false), Row(slot: 0)], new int[3]);

        if (variant == TopKVariant.CudaBuckets)
        {
            using var raw = device.Copy([.. slots[2], .. slots[0]]);
            new LogitsSum(device, LogitsSumVariant.CudaBuckets).Run(raw.View, rows, logits);
            new TopK(device, variant).Run(rows, logits);
        }
        else
        {
            devices.Once(device, variant, (on, by) => new TopK(on, by)).Run(rows, logits);
        }
        device.Synchronize();

        var tokens = new int[3 * k];
        var values = new float[3 * k];
        logits.TopTokens.CopyToCPU(tokens);
        logits.TopValues.CopyToCPU(values);
        Assert.Equal(untouched[..k], tokens[k..(2 * k)]);
        if (variant == TopKVariant.CudaBuckets) Assert.All(MaximaOf(logits), key => Assert.Equal(0u, key)); // ready for the next pass
        foreach (var slot in (int[])[0, 2])
        {
            var expected = Largest(slots[slot], k);
            Assert.Equal(expected, tokens[(slot * k)..((slot + 1) * k)]);
            Assert.Equal([.. expected.Select(token => slots[slot][token])], values[(slot * k)..((slot + 1) * k)]);
        }
    }

    [Fact]
    public void Simd_keeps_more_than_the_portable_variant_can()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        const int Vocab = 40_000, K = 5000;
        using var logits = new LogitsState(device, slots: 1, Vocab, K);
        var values = Make(Logits.FewDistinct, Vocab, seed: 4);
        logits.Accumulated.CopyFromCPU(values);
        using var rows = new RowTable(device, capacity: 1, depths: 1);
        rows.Upload([Row(slot: 0)], new int[1]);
        Assert.Throws<NotSupportedException>(() => new TopK(device, TopKVariant.Portable).Run(rows, logits));
        new TopK(device, TopKVariant.Simd).Run(rows, logits);
        var tokens = new int[K];
        logits.TopTokens.CopyToCPU(tokens);
        Assert.Equal(Largest(values, K), tokens);
    }

    private static uint[] MaximaOf(LogitsState logits)
    {
        var maxima = new uint[logits.BucketMaxima.Length];
        logits.BucketMaxima.CopyToCPU(maxima);
        return maxima;
    }

    private static float[] Make(Logits kind, int vocab, int seed)
    {
        var values = RandomData.Uniform(seed, vocab, scale: 20f);
        for (var i = 0; i < vocab; i++)
        {
            values[i] = kind switch
            {
                Logits.FewDistinct => MathF.Round(values[i] / 4f),
                Logits.ZerosOfBothSigns => values[i] > 0 ? 0f : -0f,
                Logits.Ascending => i - (vocab / 2),
                Logits.Descending => (vocab / 2) - i,
                // A chunk of the portable kernel is every 1024th element: nearly all of one chunk, and equals in others.
                Logits.CrowdedInOneChunk => i % 1024 == 5 ? 1000 + i : i % 7,
                // Of the buckets' largest, many are small, and very many logits reach the k-th of them.
                Logits.Crowded => i / 8 % 1024 < 70 ? 1000 + i : i % 5,
                Logits.InfiniteAndNaN => (i % 50) switch {
                    3 => float.NaN, 9 => float.PositiveInfinity, 11 => -float.NaN, 20 => float.NegativeInfinity, _ => values[i] },
                _ => values[i],
            };
        }
        return values;
    }

    private static int[] Largest(float[] values, int k) =>
        [.. Enumerable.Range(0, values.Length)
            .OrderByDescending(i => float.IsNaN(values[i])).ThenByDescending(i => values[i]).ThenBy(i => i).Take(k)];

    private static Row Row(int slot, bool wants = true) => new(Sequence: 0, Position: 0, Depth: 0, Token: 0, slot, Cell: 0, wants);
}
