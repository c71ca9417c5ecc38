namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class EmbedTokensTests(TestDevices devices)
{
    // 1, 33: below and past a warp; 130: a tail behind four elements of a warp's threads; 2049: a row of a group, and a tail.
    public static TheoryData<EmbedTokensVariant, DeviceKind, ElementType, int> Cases()
    {
        var cases = new TheoryData<EmbedTokensVariant, DeviceKind, ElementType, int>();
        foreach (var (variant, kind) in KernelCases.Of<EmbedTokensVariant>())
        foreach (var type in Enum.GetValues<ElementType>())
        foreach (var hidden in (int[])[1, 33, 130, 2049])
            cases.Add(variant, kind, type, hidden);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Takes_the_row_of_each_token(EmbedTokensVariant variant, DeviceKind kind, ElementType type, int hidden)
    {
        var device = devices.OpenOrSkip(kind);
        int[] tokens = [3, 0, 10, 3, 7];
        var shape = new EmbedTokensShape(tokens.Length, hidden, Vocab: 11);
        using var embedding = device.Store(type, shape.Vocab, hidden, RandomData.Uniform(1, shape.Vocab * hidden));
        using var ids = device.Copy(tokens);
        using var y = new Poisoned(device, tokens.Length * hidden);
        devices.Once(device, variant, (on, by) => new EmbedTokens(on, by)).Run(embedding.Matrix, ids.View, y.View, shape);
        device.Synchronize();
        Assert.Equal([.. tokens.SelectMany(token => embedding.Values[(token * hidden)..((token + 1) * hidden)])], y.Read());
    }

    [Fact]
    public void Refuses_an_embedding_of_another_size()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var embedding = device.Store(ElementType.F32, 4, 3, new float[12]);
        using var tokens = device.AllocateInts(1);
        using var y = device.AllocateFloats(3);
        Assert.Throws<ShapeException>(() => new EmbedTokens(device, EmbedTokensVariant.Simd)
            .Run(embedding.Matrix, tokens.View, y.View, new EmbedTokensShape(Rows: 1, Hidden: 3, Vocab: 5)));
    }
}
