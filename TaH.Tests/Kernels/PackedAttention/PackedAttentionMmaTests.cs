namespace TaH.Tests;

/// <summary>Attention on tensor cores: on a card, and a few rows on simulated warps.</summary>
[Collection(DeviceCollection.Name)]
public class PackedAttentionMmaTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Operands are rounded to bf16, an error of 2^-9 at most and of half of that on average, weights and gradients of scores once more; they are as
    // good as independent, so that sums are off by about as large a share.
    private const double Rounding = 0.008;

    // Groups of 1, 2 and 3; both widths of heads.
    private static readonly (int Heads, int KvHeads, int HeadDim)[] Heads = [(2, 2, 64), (4, 2, 128), (3, 1, 64), (2, 1, 128)];

    // Tiles that are full, cut, and of a row; blocks in the middle of which rows begin or end; more than one depth, one left out, nothing seen.
    private static readonly PackedLayout[] Layouts =
    [
        PackedLayout.Of([12], depths: 1), PackedLayout.Of([5, 64, 1, 128, 300], depths: 1), PackedLayout.Of([9, 190, 3, 340], depths: 2),
        PackedLayout.Of([90, 240], depths: 3, share: 0.7, visible: [true, false, true]), PackedLayout.Of([6, 9], depths: 2, visible: [false, false]),
        PackedLayout.Of([.. Enumerable.Repeat(37, 12)], depths: 2, visible: [false, true]),
    ];

    public static TheoryData<int, int> Cases()
    {
        var cases = new TheoryData<int, int>();
        for (var layout = 0; layout < Layouts.Length; layout++)
        for (var heads = 0; heads < Heads.Length; heads++)
            cases.Add(layout, heads);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference_and_itself(int layout, int heads)
    {
        var device = devices.OpenOrSkip(CudaGeneration.Ampere);
        using var scene = new PackedAttentionScene(device, Layouts[layout], Heads[heads]);
        var first = Run(scene, device);
        scene.Reset();
        Assert.Equal(first, Run(scene, device));
        Verify(scene);
    }

    // The simulated card takes many seconds for a tile.
    [Fact]
    public void Equals_the_double_reference_on_simulated_warps() => VerifySimulated(PackedLayout.Of([5], depths: 1), (1, 1, 64));

    /// <summary>Minutes: more than a block, two depths, both widths of heads.</summary>
    [Theory(Explicit = true), InlineData(64), InlineData(128)]
    public void Equals_the_double_reference_on_simulated_warps_for_more_than_a_block(int headDim) =>
        VerifySimulated(PackedLayout.Of([3, 90], depths: 2, share: 0.8), (2, 1, headDim));

    [Fact]
    public void Refuses_heads_of_another_width()
    {
        using var scene = new PackedAttentionScene(warps.Simulated, Layouts[0], (2, 1, 32));
        using var attention = new PackedAttention(warps.Simulated, PackedAttentionVariant.CudaMma);
        Assert.Throws<NotSupportedException>(() => scene.Forward(attention));
    }

    private void VerifySimulated(PackedLayout layout, (int Heads, int KvHeads, int HeadDim) heads)
    {
        using var scene = new PackedAttentionScene(warps.Simulated, layout, heads);
        Run(scene, warps.Simulated);
        Verify(scene);
    }

    private static List<float[]> Run(PackedAttentionScene scene, ComputeDevice device)
    {
        using var attention = new PackedAttention(device, PackedAttentionVariant.CudaMma);
        using var backward = new PackedAttentionBackward(device, PackedAttentionVariant.CudaMma);
        scene.Forward(attention);
        scene.Backward(backward);
        device.Synchronize();
        return [scene.Mixed.Read(), scene.LogSums.Read(), scene.Dq.Read(), scene.ReadDk(), scene.ReadDv()];
    }

    private static void Verify(PackedAttentionScene scene)
    {
        double[] q = PackedAttentionTests.Wide(scene.Q), k = PackedAttentionTests.Wide(scene.K), v = PackedAttentionTests.Wide(scene.V);
        var (mixed, logSums) = scene.Reference.Forward(q, k, v);
        var (dq, dk, dv) = scene.Reference.Backward(q, k, v, PackedAttentionTests.Wide(scene.DMixed));
        Near.RelativeL2(Narrow(mixed), scene.Mixed.Read(), Rounding, "mixed");
        Near.RelativeL2(Narrow(dq), scene.Dq.Read(), Rounding, "dq");
        Near.RelativeL2(Narrow(dk), scene.ReadDk(), Rounding, "dk");
        Near.RelativeL2(Narrow(dv), scene.ReadDv(), Rounding, "dv");
        var actual = scene.LogSums.Read();
        for (var i = 0; i < logSums.Length; i++)
        {
            // A score of terms with a sum of sizes of some units is off by 2^-9 of their root mean square.
            if (double.IsNegativeInfinity(logSums[i])) Assert.Equal(float.NegativeInfinity, actual[i]);
            else Assert.InRange(actual[i], logSums[i] - 0.03, logSums[i] + 0.03);
        }
    }

    private static float[] Narrow(double[] values) => [.. values.Select(value => (float)value)];
}
