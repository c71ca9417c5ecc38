namespace TaH.Tests;

/// <summary>Head, sums, largest logits and draw on CUDA are what the composed operations make of the same hidden states.</summary>
[Collection(DeviceCollection.Name)]
public class CudaTailTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int MaxRows = 12;

    private static readonly ModelShape Shape = new(
        Layers: 1, Hidden: 24, Ffn: 10, Heads: 3, KvHeads: 1, HeadDim: 4, Vocab: 1203, Depths: 2, LoraRank: 0, Epsilon: 1e-6f, RopeTheta: 1e6);

    // Few rows that all want logits are one launch; if some do not, or there are many, rows are gathered. Twice: what the first pass leaves must not
    // show.
    [Theory, InlineData(WarpDevice.Card, 1, 1), InlineData(WarpDevice.Card, 8, 1), InlineData(WarpDevice.Card, 8, 2)]
    [InlineData(WarpDevice.Card, 12, 1)]
    [InlineData(WarpDevice.Simulated, 2, 1), InlineData(WarpDevice.Simulated, 5, 2)]
    public void Equals_the_composed_operations(WarpDevice where, int count, int wantsEvery)
    {
        var device = warps.OpenOrSkip(where, devices);
        using var composed = new ComposedOperations(device, Shape, MaxRows, MaxRows);
        using var fused = new CudaOperations(device, Shape, MaxRows, MaxRows);
        using var gain = device.Copy(RandomData.Uniform(seed: 1, Shape.Hidden));
        using var head = device.Store(ElementType.Bf16, Shape.Vocab, Shape.Hidden, RandomData.Uniform(seed: 2, Shape.Vocab * Shape.Hidden));
        using LogitsState expected = new(device, MaxRows, Shape.Vocab, topK: 50), actual = new(device, MaxRows, Shape.Vocab, topK: 50);
        using var rows = new RowTable(device, MaxRows, Shape.Depths);
        for (var depth = 0; depth < 2; depth++)
        {
            rows.Upload(
                [.. Enumerable.Range(0, count).Select(i => new Row(0, i, depth, 0, MaxRows - 1 - i, i, WantsLogits: i % wantsEvery == 0))],
                new int[count * Shape.Depths]);
            using var x = device.Copy(RandomData.Uniform(seed: 3 + depth, count * Shape.Hidden));
            var (states, tokens) = Run(composed, device, x, new HeadWeights(gain, head.Matrix), rows, wantsEvery, expected);
            var (statesToo, tokensToo) = Run(fused, device, x, new HeadWeights(gain, head.Matrix), rows, wantsEvery, actual);
            // Sums of 24 terms of either sign, as in CudaOperationsTests; a token is lost only where two logits are nearer than their roundings.
            Near.RelativeL2(states, statesToo, 36 * Math.Pow(2, -24) * 10, $"last hidden state, depth {depth}");
            Assert.Equal(tokens, tokensToo);
        }
    }

    private static (float[] Normed, int[] Tokens) Run(
        IOperations operations, ComputeDevice device, FloatBuffer x, HeadWeights head, RowTable rows, int wantsEvery, LogitsState logits)
    {
        using var normed = new Poisoned(device, rows.Count * Shape.Hidden);
        using FloatBuffer raw = device.AllocateFloats(rows.Count * Shape.Vocab);
        operations.NormHeadAccumulate(x.View, head, rows, normed.View, raw.View, HeadOutputs.Normed, logits);
        int[] slots = [.. Enumerable.Range(0, rows.Count).Where(i => i % wantsEvery == 0).Select(i => MaxRows - 1 - i)];
        SampleRequest[] requests = [.. slots.Select(
            (slot, i) => new SampleRequest(slot, Temperature: i % 2, TopK: 20, TopP: 0.9f, MinP: 0, Uniform: 0.41f, Penalties: null))];
        using var drawn = device.AllocateInts(requests.Length);
        operations.Draw(logits, operations.UploadRequests(logits, requests), drawn.View);
        device.Synchronize();
        var (top, tokens) = (new int[logits.TopTokens.Length], new int[requests.Length]);
        device.Download(logits.TopTokens, top);
        device.Download<int>(drawn.View, tokens);
        return (normed.Read(), [.. slots.SelectMany(slot => top.Skip(slot * logits.TopK).Take(logits.TopK)), .. tokens]);
    }
}
