using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class CrossEntropyTests(TestDevices devices)
{
    // 1, 33: below and past a warp; 576: the tiny models'; 1025, 4097: tails behind eight elements a thread, several rows a group and one.
    public static TheoryData<CrossEntropyVariant, DeviceKind, int, int, float> Cases()
    {
        var cases = new TheoryData<CrossEntropyVariant, DeviceKind, int, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<CrossEntropyVariant>())
        foreach (var (rows, vocab) in ((int, int)[])[(3, 1), (7, 33), (6, 576), (5, 1025), (3, 4097)])
        foreach (var size in (float[])[1f, 40f])
            cases.Add(variant, kind, rows, vocab, size);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(CrossEntropyVariant variant, DeviceKind kind, int rows, int vocab, float size)
    {
        const float Scale = 0.37f;
        var device = devices.OpenOrSkip(kind);
        var shape = new CrossEntropyShape(rows, vocab);
        var logits = RandomData.Uniform(1, rows * vocab, size);
        int[] labels = [.. Enumerable.Range(0, rows).Select(row => row % 3 == 2 ? -1 : row * 31 % vocab)];
        var (losses, predictions, gradient) = CrossEntropyReference.Run(logits.Widen(), labels, Scale, shape);
        using var xs = device.Copy(logits);
        using IntBuffer targets = device.Copy(labels), predicted = device.Copy([.. Enumerable.Repeat(-7, rows)]);
        using Poisoned loss = new(device, rows), evaluated = new(device, rows), dLogits = new(device, logits.Length);
        var operation = devices.Once(device, variant, (on, by) => new CrossEntropy(on, by));
        operation.Run(xs.View, targets.View, evaluated.View, predicted.View, shape);
        device.Synchronize();
        Assert.Equal(predictions, predicted.GetAsArray1D()[..rows]);
        predicted.MemSetToZero();
        operation.Run(xs.View, targets.View, Scale, loss.View, predicted.View, dLogits.View, shape);
        device.Synchronize();
        Assert.Equal(predictions, predicted.GetAsArray1D()[..rows]);
        // An exponential of x on a GPU is 2^(x log2 e): off by x roundings; the sum has `vocab` terms, nothing cancels. Logarithms are 2^-22 off.
        var relative = (vocab + (4 * size) + 16) * Math.Pow(2, -24);
        Near.Absolute(losses, loss.Read(), relative + ((size + 4) * Math.Pow(2, -22)));
        Near.Absolute(losses, evaluated.Read(), relative + ((size + 4) * Math.Pow(2, -22)));
        Near.Absolute(gradient, dLogits.Read(), [.. gradient.Select(value => (2 * relative * Math.Abs(value)) + (Scale * Math.Pow(2, -23)))]);

        operation.Run(xs.View, targets.View, Scale, loss.View, predicted.View, xs.View, shape); // over the logits themselves
        device.Synchronize();
        Assert.Equal(dLogits.Read(), xs.GetAsArray1D()[..logits.Length]);
    }

    public static TheoryData<CrossEntropyVariant, DeviceKind> Variants()
    {
        var cases = new TheoryData<CrossEntropyVariant, DeviceKind>();
        foreach (var (variant, kind) in KernelCases.Of<CrossEntropyVariant>()) cases.Add(variant, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Variants))]
    public void Predicts_the_lowest_of_equals(CrossEntropyVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new CrossEntropyShape(Rows: 4, Vocab: 1300);
        var logits = Enumerable.Repeat(-3f, 4 * 1300).ToArray();
        foreach (var token in (int[])[1200, 131, 258, 900]) logits[token] = 7f;        // of several threads and rounds
        logits[1300 + 40] = 0f;
        logits[1300 + 7] = -0f;                                                         // zeros of both signs are equal
        for (var i = 3 * 1300; i < 4 * 1300; i++) logits[i] = float.NegativeInfinity;   // of nothing, anything
        using var xs = device.Copy(logits);
        using IntBuffer labels = device.Copy([-1, -1, -1, -1]), predictions = device.AllocateInts(4);
        using var losses = new Poisoned(device, 4);
        devices.Once(device, variant, (on, by) => new CrossEntropy(on, by)).Run(xs.View, labels.View, losses.View, predictions.View, shape);
        device.Synchronize();
        Assert.Equal([131, 7, 0, 0], predictions.GetAsArray1D());
        Assert.Equal(new float[4], losses.Read());
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new CrossEntropyShape(Rows: 3, Vocab: 5);
        var logits = RandomData.Uniform(2, 15).Widen();
        int[] labels = [4, -1, 0];
        var (_, _, gradient) = CrossEntropyReference.Run(logits, labels, 0.3, shape);
        FiniteDifferences.Verify(() => 0.3 * CrossEntropyReference.Run(logits, labels, 0.3, shape).Losses.Sum(), logits, gradient);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer logits = device.AllocateFloats(6), losses = device.AllocateFloats(2), dLogits = device.AllocateFloats(5);
        using var ints = device.AllocateInts(2);
        var failure = Assert.Throws<ShapeException>(() => new CrossEntropy(device, CrossEntropyVariant.Simd)
            .Run(logits.View, ints.View, 1f, losses.View, ints.View, dLogits.View, new CrossEntropyShape(Rows: 2, Vocab: 3)));
        Assert.StartsWith("dLogits has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }
}
