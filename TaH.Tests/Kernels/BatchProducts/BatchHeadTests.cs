using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>The head of a batch on Hopper: sums in the rows' slots, and the maxima that top-k starts from.</summary>
[Collection(DeviceCollection.Name)]
public class BatchHeadTests(TestDevices devices)
{
    // Vocabularies: one run of a bucket, and more than all buckets have room for once; pieces of a tile.
    [Theory, InlineData(9, 0, 40, 8), InlineData(33, 20, 264, 20_000), InlineData(64, 0, 1024, 8264), InlineData(128, 100, 72, 1000)]
    public void Adds_normed_products_to_the_slots(int rows, int deep, int hidden, int vocab)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        var shape = new ModelShape(
            Layers: 1, hidden, Ffn: 8, Heads: 1, KvHeads: 1, HeadDim: 8, vocab, Depths: 2, LoraRank: 0, Epsilon: 0.1f, RopeTheta: 1e6);
        int slots = rows + 2, shallow = rows - deep;
        int SlotOf(int row) => rows + 1 - row;
        float[] x = RandomData.Uniform(seed: 1, rows * hidden), gain = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), gains = device.Copy(gain);
        using var head = device.Store(ElementType.Bf16, vocab, hidden, RandomData.Uniform(seed: 3, vocab * hidden));
        using var logits = new LogitsState(device, slots, vocab, topK: 1);
        var before = RandomData.Uniform(seed: 4, slots * vocab);
        for (var row = 0; row < shallow; row++) before.AsSpan(SlotOf(row) * vocab, vocab).Fill(float.NaN); // a fresh slot may hold anything
        logits.Accumulated.CopyFromCPU(before);
        using var table = new RowTable(device, rows, shape.Depths);
        Row[] all = [.. Enumerable.Range(0, rows).Select(row => new Row(0, row, row < shallow ? 0 : 1, 0, SlotOf(row), row, WantsLogits: true))];
        table.Upload(all, new int[rows * shape.Depths]);
        using var operations = new BatchOperations(device, shape);
        Assert.True(BatchOperations.Takes(table, head.Matrix));
        operations.NormHeadAccumulate(xs.View, new HeadWeights(gains, head.Matrix), table, logits);
        device.Synchronize();

        var (products, _) = NormedProduct.Run(x, gain, head.Values, vocab, new RmsNormShape(rows, hidden, shape.Epsilon));
        var sums = new float[slots * vocab];
        logits.Accumulated.CopyToCPU(sums);
        var maxima = new uint[logits.BucketMaxima.Length];
        logits.BucketMaxima.CopyToCPU(maxima);
        var expectedMaxima = new uint[maxima.Length];
        for (var row = 0; row < rows; row++)
        {
            var at = SlotOf(row) * vocab;
            var expected = new float[vocab];
            for (var token = 0; token < vocab; token++)
            {
                expected[token] = (float)products[(row * vocab) + token] + (row < shallow ? 0f : before[at + token]);
                ref var largest = ref expectedMaxima[(SlotOf(row) * LogitsBuckets.Count) + LogitsBuckets.Of(token)];
                largest = Math.Max(largest, OrderedBits.Of(sums[at + token]));
            }
            // Rows are rounded to bf16, by up to 2^-9 of each element; the errors are as random as the values.
            Near.RelativeL2(expected, sums[at..(at + vocab)], 2 * Math.Pow(2, -9), $"row {row}");
        }
        Assert.Equal(expectedMaxima, maxima);
        // Slots that no row has are left alone.
        Assert.Equal(before[..vocab], sums[..vocab]);
        Assert.Equal(before[vocab..(2 * vocab)], sums[vocab..(2 * vocab)]);
    }
}
