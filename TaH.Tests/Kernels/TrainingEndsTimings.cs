using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// What training's operations before the first layer and behind the last one take, as shares of the memory rate: nothing is asserted. Asked for by
/// <c>-class TaH.Tests.TrainingEndsTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class TrainingEndsTimings(TestDevices devices)
{
    private const int Samples = 11;

    // The shipped model's batch, and a batch of the 0.6B shape.
    [Theory(Explicit = true), InlineData(60_000, 576, 256, 6000, 100), InlineData(4096, 151_936, 1024, 400, 100)]
    public void Print(int rows, int vocab, int hidden, int deep, int k)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Console.WriteLine($"{device.Info.Name}, {rows} rows, vocabulary {vocab}, hidden {hidden}, {deep} deep rows, top {k}");
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, rows).Select(_ => random.Next(10) == 0 ? 5 : random.Next(vocab))];
        int[] chosen = [.. Enumerable.Range(0, deep).Select(i => (int)((long)i * rows / deep))];
        using FloatBuffer logits = Random(device, (long)rows * vocab), x = Random(device, (long)rows * hidden);
        using FloatBuffer weight = Random(device, (long)vocab * hidden), losses = device.AllocateFloats(rows);
        using FloatBuffer few = Random(device, (long)deep * vocab), wide = device.AllocateFloats((long)deep * hidden);
        using FloatBuffer values = device.AllocateFloats((long)deep * k), shares = device.AllocateFloats((long)deep * k);
        using IntBuffer labels = device.Copy(tokens), indices = device.Copy(chosen), predictions = device.AllocateInts(rows);
        using IntBuffer top = device.AllocateInts((long)deep * k);
        using var embedding = WeightMatrix.Allocate(device, ElementType.F32, vocab, hidden);
        weight.View.BaseView.CopyTo(device.Accelerator.DefaultStream, embedding.Singles);
        using var groups = new TokenGroups(device);
        groups.Upload(tokens);
        var loss = new CrossEntropy(device, CrossEntropyVariant.Portable);
        var lossShape = new CrossEntropyShape(rows, vocab);
        Time(device, "CrossEntropy", lossShape.Work(withGradient: false),
            () => loss.Run(logits.View, labels.View, losses.View, predictions.View, lossShape));
        Time(device, "CrossEntropy, gradient", lossShape.Work(withGradient: true),
            () => loss.Run(logits.View, labels.View, 1e-3f, losses.View, predictions.View, logits.View, lossShape));
        var embed = new EmbedTokens(device, EmbedTokensVariant.Portable);
        using var backward = new EmbedTokensBackward(device, EmbedTokensVariant.Portable);
        var embedShape = new EmbedTokensShape(rows, hidden, vocab);
        Time(device, "EmbedTokens", embedShape.Work(ElementType.F32), () => embed.Run(embedding, labels.View, x.View, embedShape));
        Time(device, "EmbedTokensBackward", embedShape.BackwardWork(groups.Distinct), () => backward.Run(x.View, groups, weight.View, embedShape));
        var select = new SelectRows(device, SelectRowsVariant.Portable);
        var selectShape = new SelectRowsShape(deep, vocab);
        Time(device, "GatherAdd", selectShape.Work(3, adds: true),
            () => select.GatherAdd(logits.View, indices.View, few.View, few.View, selectShape));
        using var largest = new LargestLogits(device, LargestLogitsVariant.Portable);
        var topShape = new TopKShape(deep, vocab, k);
        Time(device, "LargestLogits", topShape.Work, () => largest.Run(few.View, values.View, top.View, topShape));
        var soft = new SoftEmbedding(device, SoftEmbeddingVariant.Portable);
        using var softBackward = new SoftEmbeddingBackward(device, SoftEmbeddingVariant.Portable);
        var softShape = new SoftEmbeddingShape(deep, k, hidden, vocab);
        Time(device, "SoftEmbedding", softShape.Work(ElementType.F32),
            () => soft.Run(embedding, values.View, top.View, shares.View, wide.View, softShape));
        Time(device, "SoftEmbeddingBackward", softShape.Work(ElementType.F32),
            () => softBackward.Run(embedding, wide.View, shares.View, top.View, few.View, softShape));
        Time(device, "Expand", new KernelWork((long)deep * vocab * sizeof(float), 0), () => soft.Expand(shares.View, top.View, few.View, softShape));
    }

    // Activations and gradients of the 0.6B shape, and logits.
    [Theory(Explicit = true), InlineData(4096, 1024), InlineData(4096, 3072), InlineData(16_384, 3072), InlineData(512, 151_936)]
    public void Print_transposes(int rows, int columns)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Console.WriteLine($"{device.Info.Name}, {rows} x {columns}");
        var shape = new TransposeShape(rows, columns);
        using FloatBuffer x = Random(device, (long)rows * columns), y = device.AllocateFloats((long)rows * columns);
        using var transposed = device.Accelerator.Allocate1D<ushort>((long)shape.RowsPadded * columns);
        using var straight = device.Accelerator.Allocate1D<ushort>((long)rows * columns);
        var single = new Transpose(device, TransposeVariant.Portable);
        var narrow = new Bfloat16Transpose(device);
        Time(device, "Transpose", shape.Work(8), () => single.Run(x.View, y.View, shape));
        Time(device, "f32 to bf16", shape.Work(6), () => narrow.Run(x.View, transposed.View, shape));
        Time(device, "f32 to bf16, both ways", shape.Work(8), () => narrow.Run(x.View, transposed.View, straight.View, shape));
        Time(device, "bf16 to bf16", shape.Work(4), () => narrow.Run(straight.View, transposed.View, shape));
    }

    private static void Time(ComputeDevice device, string name, KernelWork work, Action launch)
    {
        var microseconds = GraphTimer.Median(device, launch, Samples);
        Console.WriteLine(FormattableString.Invariant($"{name,-24} {microseconds,9:f1} us {work.Bytes / microseconds / 1e6,6:f2} TB/s"));
    }

    private static FloatBuffer Random(ComputeDevice device, long length)
    {
        var buffer = device.AllocateFloats(length);
        var pattern = RandomData.Uniform(1, 1 << 20, 8f);
        for (long start = 0; start < length; start += pattern.Length)
        {
            var count = (int)Math.Min(pattern.Length, length - start);
            buffer.View.BaseView.SubView(start, count).CopyFromCPU(device.Accelerator.DefaultStream, pattern.AsSpan(0, count));
        }
        device.Synchronize();
        return buffer;
    }
}
