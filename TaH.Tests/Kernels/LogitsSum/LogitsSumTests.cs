using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class LogitsSumTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // 1, 257: tiny; 4099: past one piece of a row.
    public static TheoryData<LogitsSumVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<LogitsSumVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<LogitsSumVariant>())
        foreach (var vocab in (int[])[1, 257, 4099])
            cases.Add(variant, kind, vocab);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Starts_at_depth_0_and_adds_deeper(LogitsSumVariant variant, DeviceKind kind, int vocab) =>
        Verify(devices.OpenOrSkip(kind), variant, vocab);

    // 8,200: buckets with two runs, rows that start at multiples of 16 bytes; 8,201: rows that do not.
    [Theory, InlineData(1), InlineData(257), InlineData(8200), InlineData(8201)]
    public void Buckets_start_at_depth_0_and_add_deeper(int vocab) => Verify(warps.Simulated, LogitsSumVariant.CudaBuckets, vocab);

    private void Verify(ComputeDevice device, LogitsSumVariant variant, int vocab)
    {
        const int Slots = 5;
        using var logits = new LogitsState(device, Slots, vocab, topK: 1);
        // Slots 3 and 1 are fresh: NaN, as memory may be. Slots 0 and 4 hold a sum; 2 is not in this pass.
        var before = RandomData.Uniform(1, Slots * vocab);
        before.AsSpan(3 * vocab, vocab).Fill(float.NaN);
        before.AsSpan(1 * vocab, vocab).Fill(float.NaN);
        logits.Accumulated.CopyFromCPU(before);
        using var rows = new RowTable(device, capacity: 8, depths: 3);
        rows.Upload([Row(3, 0), Row(2, 0, wants: false), Row(1, 0), Row(4, 1), Row(2, 1, wants: false), Row(0, 2)], new int[3 * 6]);
        var raw = RandomData.Uniform(2, 4 * vocab);
        using var raws = device.Copy(raw);

        var sum = variant == LogitsSumVariant.CudaBuckets
            ? new LogitsSum(device, variant) : devices.Once(device, variant, (on, by) => new LogitsSum(on, by));
        sum.Run(raws.View, rows, logits);
        device.Synchronize();

        var actual = new float[Slots * vocab];
        logits.Accumulated.CopyToCPU(actual);
        for (var i = 0; i < vocab; i++)
        {
            // One f32 addition: exact, or a copy.
            Assert.Equal(raw[i], actual[(3 * vocab) + i]);
            Assert.Equal(raw[vocab + i], actual[vocab + i]);
            Assert.Equal(before[(4 * vocab) + i] + raw[(2 * vocab) + i], actual[(4 * vocab) + i]);
            Assert.Equal(before[i] + raw[(3 * vocab) + i], actual[i]);
            Assert.Equal(before[(2 * vocab) + i], actual[(2 * vocab) + i]);
        }
        if (variant == LogitsSumVariant.CudaBuckets) VerifyMaxima(logits, actual, [0, 1, 3, 4]);
    }

    private static void VerifyMaxima(LogitsState logits, float[] sums, int[] slots)
    {
        var maxima = new uint[logits.BucketMaxima.Length];
        logits.BucketMaxima.CopyToCPU(maxima);
        var expected = new uint[maxima.Length];
        foreach (var slot in slots)
        for (var token = 0; token < logits.Vocab; token++)
        {
            ref var largest = ref expected[(slot * LogitsBuckets.Count) + LogitsBuckets.Of(token)];
            largest = Math.Max(largest, OrderedBits.Of(sums[(slot * logits.Vocab) + token]));
        }
        Assert.Equal(expected, maxima);
    }

    private static Row Row(int slot, int depth, bool wants = true) => new(Sequence: 0, Position: 0, depth, Token: 0, slot, Cell: 0, wants);
}
