using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class NormHeadAccumulateTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Slots = 9;

    // Vocabularies: odd, so that the last pair is half a one; more than a bucket's run. Hidden 20: no octet of 16 bits.
    [Theory]
    [InlineData(WarpDevice.Card, ElementType.Bf16, 1, 0, 72, 8201), InlineData(WarpDevice.Card, ElementType.F32, 8, 5, 20, 333)]
    [InlineData(WarpDevice.Card, ElementType.F16, 3, 2, 264, 20_000)]
    [InlineData(WarpDevice.Simulated, ElementType.Bf16, 1, 1, 40, 43), InlineData(WarpDevice.Simulated, ElementType.F32, 3, 0, 20, 33)]
    [InlineData(WarpDevice.Simulated, ElementType.F16, 6, 4, 24, 18)]
    public void Adds_normed_products_to_the_slots(WarpDevice where, ElementType type, int rows, int deep, int hidden, int vocab)
    {
        var device = warps.OpenOrSkip(where, devices);
        var shape = new RmsNormShape(rows, hidden, Epsilon: 0.1f);
        float[] x = RandomData.Uniform(seed: 1, rows * hidden), gain = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), gains = device.Copy(gain);
        using var head = device.Store(type, vocab, hidden, RandomData.Uniform(seed: 3, vocab * hidden));
        using var logits = new LogitsState(device, Slots, vocab, topK: 1);
        var before = RandomData.Uniform(seed: 4, Slots * vocab);
        for (var row = 0; row < rows - deep; row++) before.AsSpan(SlotOf(row) * vocab, vocab).Fill(float.NaN); // a fresh slot may hold anything
        logits.Accumulated.CopyFromCPU(before);
        using var table = new RowTable(device, capacity: 8, depths: 2);
        Row[] all = [.. Enumerable.Range(0, rows).Select(row => new Row(0, row, row < rows - deep ? 0 : 1, 0, SlotOf(row), row, WantsLogits: true))];
        table.Upload(all, new int[2 * rows]);
        using var raw = new Poisoned(device, rows * vocab);
        new NormHeadAccumulateMatVec(device).Run(xs.View, gains.View, head.Matrix, table, raw.View, keepsRaw: true, logits, shape.Epsilon);
        device.Synchronize();

        var (expected, bounds) = NormedProduct.Run(x, gain, head.Values, vocab, shape);
        var products = raw.Read();
        Near.Absolute(expected, products, bounds);
        var sums = new float[Slots * vocab];
        logits.Accumulated.CopyToCPU(sums);
        var maxima = new uint[logits.BucketMaxima.Length];
        logits.BucketMaxima.CopyToCPU(maxima);
        var expectedMaxima = new uint[maxima.Length];
        for (var row = 0; row < rows; row++)
        for (var token = 0; token < vocab; token++)
        {
            // One f32 addition: exact, or a copy.
            var at = (SlotOf(row) * vocab) + token;
            before[at] = row < rows - deep ? products[(row * vocab) + token] : before[at] + products[(row * vocab) + token];
            ref var largest = ref expectedMaxima[(SlotOf(row) * LogitsBuckets.Count) + LogitsBuckets.Of(token)];
            largest = Math.Max(largest, OrderedBits.Of(before[at]));
        }
        Assert.Equal(before, sums);
        Assert.Equal(expectedMaxima, maxima);
    }

    [Fact]
    public void Writes_the_products_only_where_they_are_kept()
    {
        var device = warps.Simulated;
        using var head = device.Store(ElementType.F32, rows: 3, columns: 4, RandomData.Uniform(seed: 1, 12));
        using FloatBuffer x = device.Copy(RandomData.Uniform(seed: 2, 8)), gain = device.Copy(RandomData.Uniform(seed: 3, 4));
        using var logits = new LogitsState(device, slots: 2, vocab: 3, topK: 1);
        using var rows = new RowTable(device, capacity: 2, depths: 1);
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, WantsLogits: true), new Row(0, 1, 0, 0, 1, 1, WantsLogits: false)], [0, 0]);
        using var raw = new Poisoned(device, 3);
        var product = new NormHeadAccumulateMatVec(device);
        Assert.Throws<NotSupportedException>(() => product.Run(x.View, gain.View, head.Matrix, rows, raw.View, keepsRaw: false, logits, 1e-6f));
        rows.Upload([new Row(0, 0, 0, 0, 1, 0, WantsLogits: true)], [0]);
        product.Run(x.View, gain.View, head.Matrix, rows, raw.View, keepsRaw: false, logits, 1e-6f);
        device.Synchronize();
        Assert.All(raw.Read(), value => Assert.True(float.IsNaN(value)));
    }

    private static int SlotOf(int row) => (row * 2) % Slots;
}
