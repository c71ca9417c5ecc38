namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class PackedAttentionTests(TestDevices devices)
{
    // Groups of 1, 2, 3 and 4; 20, 34 and 48 leave a tail after vectors; 16 to 128 as in real models.
    internal static readonly (int Heads, int KvHeads, int HeadDim)[] Heads = [(2, 2, 16), (4, 2, 48), (4, 1, 64), (2, 1, 128), (3, 1, 20), (2, 2, 34)];

    /// <summary>One token; a few sequences, past a block of entries; deeper passes; a depth that is left out; nothing seen at all.</summary>
    internal static readonly PackedLayout[] Layouts =
    [
        PackedLayout.Of([1], depths: 1), PackedLayout.Of([5, 70, 1, 90], depths: 1), PackedLayout.Of([9, 150, 3], depths: 2),
        PackedLayout.Of([90, 40], depths: 3, share: 0.6, visible: [true, false, true]), PackedLayout.Of([6, 9], depths: 2, visible: [false, false]),
    ];

    public static TheoryData<PackedAttentionVariant, DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<PackedAttentionVariant, DeviceKind, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<PackedAttentionVariant>())
        if (variant != PackedAttentionVariant.CudaMma) // has other shapes and another tolerance: PackedAttentionMmaTests
        for (var layout = 0; layout < Layouts.Length; layout++)
        for (var heads = 0; heads < Heads.Length; heads++)
            cases.Add(variant, kind, layout, heads);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(PackedAttentionVariant variant, DeviceKind kind, int layout, int heads)
    {
        var device = devices.OpenOrSkip(kind);
        using var scene = new PackedAttentionScene(device, Layouts[layout], Heads[heads]);
        scene.Forward(devices.Once(device, variant, (on, by) => new PackedAttention(on, by)));
        device.Synchronize();
        Verify(scene);
    }

    // One machine has one vector width; the others run here in software.
    [Theory, InlineData(128), InlineData(256), InlineData(512)]
    public void Equals_the_double_reference_at_every_vector_width(int bits)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new PackedAttentionScene(device, Layouts[2], (6, 2, 20));
        var (q, k, v) = (scene.QueryView.View, scene.KeyView.View, scene.ValueView.View);
        if (bits == 128) PackedAttentionSimd.Run<Lanes128>(device.Workers!, q, k, v, scene.Ranges, scene.Mixed.View, scene.LogSums.View, scene.Shape);
        else if (bits == 256) PackedAttentionSimd.Run<Lanes256>(device.Workers!, q, k, v, scene.Ranges, scene.Mixed.View, scene.LogSums.View, scene.Shape);
        else PackedAttentionSimd.Run<Lanes512>(device.Workers!, q, k, v, scene.Ranges, scene.Mixed.View, scene.LogSums.View, scene.Shape);
        Verify(scene);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new PackedAttentionScene(device, Layouts[0], Heads[0]);
        var failure = Assert.Throws<ShapeException>(() => new PackedAttention(device, PackedAttentionVariant.Simd).Run(
            scene.QueryView.View, scene.KeyView.View, scene.ValueView.View.SubView(0, 31), scene.Ranges, scene.Mixed.View, scene.LogSums.View,
            scene.Shape));
        Assert.StartsWith("v has 31 elements where the shape asks for 32", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>What the roundings of a score, and then of a sum over entries, come to as shares.</summary>
    internal static double Rounding(PackedAttentionScene scene) =>
        ((scene.Shape.HeadDim * scene.Reference.ScoreSize) + scene.Shape.Entries + 32) * Math.Pow(2, -24);

    private static void Verify(PackedAttentionScene scene)
    {
        var (mixed, logSums) = scene.Reference.Forward(Wide(scene.Q), Wide(scene.K), Wide(scene.V));
        // A score is off by headDim roundings of its terms' sizes; its weight by as large a share, and so are the sum of weights and, with values
        // below 1, what is mixed by them.
        Near.Absolute(mixed, scene.Mixed.Read(), 2 * Rounding(scene));
        var actual = scene.LogSums.Read();
        for (var i = 0; i < logSums.Length; i++)
        {
            if (double.IsNegativeInfinity(logSums[i])) Assert.Equal(float.NegativeInfinity, actual[i]);
            else Assert.InRange(actual[i], logSums[i] - Rounding(scene), logSums[i] + Rounding(scene));
        }
    }

    internal static double[] Wide(float[] values) => [.. values.Select(value => (double)value)];
}
