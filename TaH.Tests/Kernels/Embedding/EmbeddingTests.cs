using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class EmbeddingTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Vocab = 311;
    private const int TopK = 300;

    // hidden 5: below a vector; 263: a tail after the 256 of a job. softTopK 1: one embedding row; 100, 300: more than a group has threads.
    public static TheoryData<EmbeddingVariant, DeviceKind, ElementType, int, int> Cases()
    {
        var cases = new TheoryData<EmbeddingVariant, DeviceKind, ElementType, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<EmbeddingVariant>())
        foreach (var (type, hidden, softTopK) in (ValueTuple<ElementType, int, int>[])[
            (ElementType.F32, 5, TopK), (ElementType.Bf16, 263, 100), (ElementType.F16, 48, 1), (ElementType.F16, 32, 7)])
            cases.Add(variant, kind, type, hidden, softTopK);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Copies_tokens_and_mixes_deeper_rows(EmbeddingVariant variant, DeviceKind kind, ElementType type, int hidden, int softTopK) =>
        Verify(devices.OpenOrSkip(kind), devices.Once(devices.OpenOrSkip(kind), variant, (on, by) => new Embedding(on, by)), type, hidden, softTopK);

    // 264: groups' worth of octets, the last slice not whole; 300: tokens of three batches; 5: no octets.
    [Theory, InlineData(ElementType.Bf16, 264, 100), InlineData(ElementType.F16, 48, 1), InlineData(ElementType.F32, 72, TopK)]
    [InlineData(ElementType.F32, 5, 7)]
    public void Octets_copy_tokens_and_mix_deeper_rows(ElementType type, int hidden, int softTopK) =>
        Verify(warps.Simulated, new Embedding(warps.Simulated, EmbeddingVariant.CudaOctets), type, hidden, softTopK);

    private static void Verify(ComputeDevice device, Embedding operation, ElementType type, int hidden, int softTopK)
    {
        using var embedding = device.Store(type, Vocab, hidden, RandomData.Uniform(1, Vocab * hidden));
        using var logits = new LogitsState(device, slots: 4, Vocab, TopK);
        var values = RandomData.Uniform(2, 4 * TopK, scale: 4f);
        var tokens = new int[4 * TopK];
        for (var slot = 0; slot < 4; slot++)
        {
            values.AsSpan(slot * TopK, TopK).Sort((a, b) => b.CompareTo(a));
            var shuffled = Enumerable.Range(0, Vocab).ToArray();
            new Random(slot).Shuffle(shuffled);
            shuffled.AsSpan(0, TopK).CopyTo(tokens.AsSpan(slot * TopK));
        }
        logits.TopValues.CopyFromCPU(values);
        logits.TopTokens.CopyFromCPU(tokens);
        Row[] rows = [Token(310), Token(0), Token(310), Deep(3), Deep(0)];
        using var table = new RowTable(device, capacity: 9, depths: 2);
        table.Upload(rows, new int[2 * rows.Length]);
        using var x = new Poisoned(device, rows.Length * hidden);

        operation.Run(embedding.Matrix, table, logits, softTopK, x.View);
        device.Synchronize();

        var actual = x.Read();
        for (var row = 0; row < rows.Length; row++)
        {
            var line = actual[(row * hidden)..((row + 1) * hidden)];
            if (rows[row].Depth == 0)
            {
                Assert.Equal(embedding.Values[(rows[row].Token * hidden)..((rows[row].Token + 1) * hidden)], line);
                continue;
            }
            var top = rows[row].Slot * TopK;
            // Weights are positive and sum to 1, elements at most 1: a rounding a term in the sum and in the total, and 16 for exp of differences up
            // to 8.
            Near.Absolute(Mix(values.AsSpan(top, softTopK), tokens.AsSpan(top, softTopK), embedding.Values, hidden),
                line, ((2 * softTopK) + 16) * Math.Pow(2, -24));
        }
    }

    [Fact]
    public void Refuses_to_mix_more_than_is_kept()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var embedding = device.Store(ElementType.F32, 8, 4, new float[32]);
        using var logits = new LogitsState(device, slots: 1, vocab: 8, topK: 3);
        using var rows = new RowTable(device, capacity: 1, depths: 2);
        using var x = device.AllocateFloats(4);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Embedding(device, EmbeddingVariant.Simd).Run(embedding.Matrix, rows, logits, softTopK: 4, x.View));
    }

    private static double[] Mix(ReadOnlySpan<float> values, ReadOnlySpan<int> tokens, float[] embedding, int hidden)
    {
        var mixed = new double[hidden];
        var total = 0.0;
        for (var k = 0; k < values.Length; k++)
        {
            var weight = Math.Exp((double)values[k] - values[0]);
            total += weight;
            for (var i = 0; i < hidden; i++) mixed[i] += weight * embedding[(tokens[k] * hidden) + i];
        }
        return [.. mixed.Select(sum => sum / total)];
    }

    private static Row Token(int token) => new(Sequence: 0, Position: 0, Depth: 0, token, Slot: 2, Cell: 0, WantsLogits: false);

    private static Row Deep(int slot) => new(Sequence: 0, Position: 0, Depth: 1, Token: 1, slot, Cell: 0, WantsLogits: true);
}
