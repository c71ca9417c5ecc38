using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SoftEmbeddingTests(TestDevices devices)
{
    // k 1, a few, and the whole vocabulary; hidden 1, below and past a warp, past four elements a thread of a group.
    public static TheoryData<SoftEmbeddingVariant, DeviceKind, ElementType, int, int> Cases()
    {
        var cases = new TheoryData<SoftEmbeddingVariant, DeviceKind, ElementType, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<SoftEmbeddingVariant>())
        foreach (var (k, hidden) in ((int, int)[])[(1, 1), (7, 130), (60, 33), (5, 1100)])
        foreach (var type in Enum.GetValues<ElementType>())
            cases.Add(variant, kind, type, k, hidden);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(SoftEmbeddingVariant variant, DeviceKind kind, ElementType type, int k, int hidden)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new SoftEmbeddingShape(Rows: 5, k, hidden, Vocab: 60);
        var (values, tokens) = Largest(shape);
        using var embedding = device.Store(type, shape.Vocab, hidden, RandomData.Uniform(1, shape.Vocab * hidden));
        var weights = embedding.Values.Widen();
        var (expectedProbabilities, expected) = SoftEmbeddingReference.Run(weights, values.Widen(), tokens, shape);
        using var logits = device.Copy(values);
        using var ids = device.Copy(tokens);
        using Poisoned probabilities = new(device, values.Length), x = new(device, expected.Length), dense = new(device, 5 * 60);
        var operation = devices.Once(device, variant, (on, by) => new SoftEmbedding(on, by));
        operation.Run(embedding.Matrix, logits.View, ids.View, probabilities.View, x.View, shape);
        operation.Expand(probabilities.View, ids.View, dense.View, shape);
        device.Synchronize();
        // Exponentials of at most 16 below the largest are off by as many roundings on a GPU; sums of k terms, none larger than 1.
        var relative = (k + 48) * Math.Pow(2, -24);
        Near.Relative(expectedProbabilities, probabilities.Read(), relative);
        Near.Absolute(expected, x.Read(), 2 * relative);
        Near.Relative(SoftEmbeddingReference.Expand(probabilities.Read().Widen(), tokens, shape), dense.Read(), 0);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Its_gradient_equals_the_double_reference(SoftEmbeddingVariant variant, DeviceKind kind, ElementType type, int k, int hidden)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new SoftEmbeddingShape(Rows: 5, k, hidden, Vocab: 60);
        var (values, tokens) = Largest(shape);
        using var embedding = device.Store(type, shape.Vocab, hidden, RandomData.Uniform(2, shape.Vocab * hidden));
        float[] probabilities =
            [.. SoftEmbeddingReference.Run(embedding.Values.Widen(), values.Widen(), tokens, shape).Probabilities.Select(value => (float)value)];
        float[] dx = RandomData.Uniform(3, shape.Rows * hidden), before = RandomData.Uniform(4, shape.Rows * shape.Vocab);
        var gradient = SoftEmbeddingReference.Backward(embedding.Values.Widen(), dx.Widen(), probabilities.Widen(), tokens, shape);
        using FloatBuffer upstream = device.Copy(dx), kept = device.Copy(probabilities);
        using var ids = device.Copy(tokens);
        float[]? first = null;
        for (var run = 0; run < 2; run++)
        {
            using var dLogits = new Poisoned(device, before.Length);
            dLogits.View.CopyFromCPU(before);
            devices.Once(device, variant, (on, by) => new SoftEmbeddingBackward(on, by))
                .Run(embedding.Matrix, upstream.View, kept.View, ids.View, dLogits.View, shape);
            device.Synchronize();
            var actual = dLogits.Read();
            // A dot product has `hidden` roundings of terms below 1, their mean k more; then one at what was there.
            var bound = ((hidden + k + 8.0) * Math.Pow(2, -24) * 2 * Math.Sqrt(hidden)) + Math.Pow(2, -23);
            Near.Absolute([.. gradient.Zip(before, (added, there) => added + there)], actual, bound);
            first ??= actual;
            Assert.Equal(first, actual);
        }
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new SoftEmbeddingShape(Rows: 2, K: 3, Hidden: 4, Vocab: 5);
        int[] tokens = [4, 0, 2, 1, 3, 0];
        double[] values = RandomData.Uniform(5, 6).Widen(), embedding = RandomData.Uniform(6, 20).Widen(), dx = RandomData.Uniform(7, 8).Widen();
        double Loss() => FiniteDifferences.Dot(SoftEmbeddingReference.Run(embedding, values, tokens, shape).X, dx);
        var probabilities = SoftEmbeddingReference.Run(embedding, values, tokens, shape).Probabilities;
        var gradient = SoftEmbeddingReference.Backward(embedding, dx, probabilities, tokens, shape);
        FiniteDifferences.Verify(Loss, values, [.. tokens.Select((token, at) => gradient[(at / 3 * 5) + token])]);
        var dense = SoftEmbeddingReference.Expand(probabilities, tokens, shape);
        var byEmbedding = new double[20]; // dense^T dx
        for (var token = 0; token < 5; token++)
        for (var i = 0; i < 4; i++)
            byEmbedding[(token * 4) + i] = (dense[token] * dx[i]) + (dense[5 + token] * dx[4 + i]);
        FiniteDifferences.Verify(Loss, embedding, byEmbedding);
    }

    private static (float[] Values, int[] Tokens) Largest(SoftEmbeddingShape shape)
    {
        var logits = RandomData.Uniform(8, shape.Rows * shape.Vocab, 8f);
        int[] tokens =
        [
            .. from row in Enumerable.Range(0, shape.Rows)
               from token in Enumerable.Range(0, shape.Vocab).OrderByDescending(v => logits[(row * shape.Vocab) + v]).Take(shape.K)
               select token,
        ];
        return ([.. tokens.Select((token, at) => logits[(at / shape.K * shape.Vocab) + token])], tokens);
    }
}
