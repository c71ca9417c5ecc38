using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TopKTests(TestDevices devices)
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
    public void Are_the_largest_in_order(TopKVariant variant, DeviceKind kind, Logits kindOfLogits, int vocab, int k)
    {
        var device = devices.OpenOrSkip(kind);
        using var logits = new LogitsState(device, slots: 3, vocab, k);
        float[][] slots = [Make(kindOfLogits, vocab, seed: 1), Make(Logits.Random, vocab, seed: 2), Make(kindOfLogits, vocab, seed: 3)];
        logits.Accumulated.CopyFromCPU([.. slots.SelectMany(values => values)]);
        var untouched = Enumerable.Repeat(-7, 3 * k).ToArray();
        logits.TopTokens.CopyFromCPU(untouched);
        using var rows = new RowTable(device, capacity: 4, depths: 1);
        rows.Upload([Row(slot: 2), Row(slot: 1, wants: false), Row(slot: 0)], new int[3]);

        devices.Once(device, variant, (on, by) => new TopK(on, by)).Run(rows, logits);
        device.Synchronize();

        var tokens = new int[3 * k];
        var values = new float[3 * k];
        logits.TopTokens.CopyToCPU(tokens);
        logits.TopValues.CopyToCPU(values);
        Assert.Equal(untouched[..k], tokens[k..(2 * k)]);
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
