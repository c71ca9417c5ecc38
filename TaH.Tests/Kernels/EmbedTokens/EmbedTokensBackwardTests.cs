using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class EmbedTokensBackwardTests(TestDevices devices)
{
    // Rows 3: each token once; 300: one token in most rows, so that its rows come in pieces and a tail, another in exactly one whole piece.
    public static TheoryData<EmbedTokensVariant, DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<EmbedTokensVariant, DeviceKind, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<EmbedTokensVariant>())
        foreach (var (rows, hidden) in ((int, int)[])[(3, 1), (300, 33), (300, 130), (100, 1100)])
            cases.Add(variant, kind, rows, hidden);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adds_the_rows_of_each_token(EmbedTokensVariant variant, DeviceKind kind, int rows, int hidden)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new EmbedTokensShape(rows, hidden, Vocab: 13);
        var tokens = Tokens(rows);
        float[] dy = RandomData.Uniform(1, rows * hidden), before = RandomData.Uniform(2, shape.Vocab * hidden);
        var (expected, sizes) = EmbedTokensBackwardReference.Run(dy.Widen(), tokens, before.Widen(), shape);
        using var upstream = device.Copy(dy);
        using var groups = new TokenGroups(device);
        groups.Upload([0, 1, 1]); // of another batch
        groups.Upload(tokens);
        float[]? first = null;
        for (var run = 0; run < 2; run++)
        {
            using var dEmbedding = new Poisoned(device, before.Length);
            dEmbedding.View.CopyFromCPU(before);
            devices.Once(device, variant, (on, by) => new EmbedTokensBackward(on, by)).Run(upstream.View, groups, dEmbedding.View, shape);
            device.Synchronize();
            var actual = dEmbedding.Read();
            // A rounding for each row that is added.
            Near.Absolute(expected, actual, [.. sizes.Select(size => size * (rows + 1) * Math.Pow(2, -24))]);
            first ??= actual;
            Assert.Equal(first, actual);
        }
    }

    [Fact]
    public void Groups_rows_by_token_in_order()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var groups = new TokenGroups(device);
        groups.Upload([5, -1, 2, 5, 9]);
        Assert.Equal((5, 3, 9), (groups.RowCount, groups.Distinct, groups.MaxToken));
        Assert.Equal([2, 5, 9], Read(groups.Tokens));
        Assert.Equal([0, 1, 3, 4], Read(groups.Starts));
        Assert.Equal([2, 0, 3, 4], Read(groups.Rows));
        Assert.Equal(0, groups.SplitCount);
        groups.Upload([.. Enumerable.Repeat(7, TokenGroups.PieceRows + 1), 1]);
        Assert.Equal([1, -1, -2], Read(groups.PieceTargets));
        Assert.Equal([0, 1, 1 + TokenGroups.PieceRows, 2 + TokenGroups.PieceRows], Read(groups.PieceStarts));
        Assert.Equal([7], Read(groups.SplitTokens));
        Assert.Equal([0, 2], Read(groups.SplitStarts));
        groups.Upload([]);
        Assert.Equal((0, 0, -1), (groups.RowCount, groups.Distinct, groups.MaxToken));
    }

    [Fact]
    public void Refuses_groups_of_another_batch_and_tokens_that_do_not_exist()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer dy = device.AllocateFloats(6), dEmbedding = device.AllocateFloats(9);
        using var groups = new TokenGroups(device);
        groups.Upload([1, 3]);
        using var backward = new EmbedTokensBackward(device, EmbedTokensVariant.Simd);
        Assert.Throws<ShapeException>(() => backward.Run(dy.View, groups, dEmbedding.View, new EmbedTokensShape(Rows: 1, Hidden: 3, Vocab: 3)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => backward.Run(dy.View, groups, dEmbedding.View, new EmbedTokensShape(Rows: 2, Hidden: 3, Vocab: 3)));
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new EmbedTokensShape(Rows: 4, Hidden: 3, Vocab: 3);
        int[] tokens = [2, 0, 2, -1];
        double[] embedding = RandomData.Uniform(3, 9).Widen(), dy = RandomData.Uniform(4, 12).Widen();
        var (gradient, _) = EmbedTokensBackwardReference.Run(dy, tokens, new double[9], shape);
        double Loss() => Enumerable.Range(0, 12).Sum(at => tokens[at / 3] < 0 ? 0 : embedding[(tokens[at / 3] * 3) + (at % 3)] * dy[at]);
        FiniteDifferences.Verify(Loss, embedding, gradient);
    }

    private static int[] Tokens(int rows) =>
        [.. Enumerable.Range(0, rows).Select(row => rows < 10 ? row * 5 % 13 : row < TokenGroups.PieceRows ? 4 : Later(row))];

    private static int Later(int row) => row % 9 == 0 ? -1 : row % 7 == 0 ? 12 : 2;

    private static int[] Read(ILGPU.ArrayView<int> view)
    {
        var values = new int[view.Length];
        view.CopyToCPU(values);
        return values;
    }
}
