using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class PackedAttentionBackwardTests(TestDevices devices)
{
    public static TheoryData<PackedAttentionVariant, DeviceKind, int, int> Cases() => PackedAttentionTests.Cases();

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(PackedAttentionVariant variant, DeviceKind kind, int layout, int heads)
    {
        var device = devices.OpenOrSkip(kind);
        using var scene = new PackedAttentionScene(device, PackedAttentionTests.Layouts[layout], PackedAttentionTests.Heads[heads]);
        scene.Forward(devices.Once(device, variant, (on, by) => new PackedAttention(on, by)));
        scene.Backward(devices.Once(device, variant, (on, by) => new PackedAttentionBackward(on, by)));
        device.Synchronize();
        Verify(scene);
    }

    // One machine has one vector width; the others run here in software.
    [Theory, InlineData(128), InlineData(256), InlineData(512)]
    public void Equals_the_double_reference_at_every_vector_width(int bits)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new PackedAttentionScene(device, PackedAttentionTests.Layouts[2], (6, 2, 20));
        scene.Forward(new PackedAttention(device, PackedAttentionVariant.Simd));
        var given = new PackedAttentionGiven(
            scene.QueryView.View, scene.KeyView.View, scene.ValueView.View, scene.Mixed.View, scene.LogSums.View, scene.GradientView.View);
        var (dq, dk, dv) = (scene.Dq.View, scene.DkView.View, scene.DvView.View);
        if (bits == 128) PackedAttentionBackwardSimd.Run<Lanes128>(device.Workers!, given, scene.Ranges, dq, dk, dv, scene.Shape);
        else if (bits == 256) PackedAttentionBackwardSimd.Run<Lanes256>(device.Workers!, given, scene.Ranges, dq, dk, dv, scene.Shape);
        else PackedAttentionBackwardSimd.Run<Lanes512>(device.Workers!, given, scene.Ranges, dq, dk, dv, scene.Shape);
        Verify(scene);
    }

    [Theory]
    [InlineData(PackedAttentionVariant.Simd, DeviceKind.Cpu)]
    [InlineData(PackedAttentionVariant.Portable, DeviceKind.Cuda)]
    public void Gives_the_same_bits_twice(PackedAttentionVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var scene = new PackedAttentionScene(device, PackedAttentionTests.Layouts[2], (4, 2, 64));
        var (forward, backward) = (new PackedAttention(device, variant), new PackedAttentionBackward(device, variant));
        List<float[]> first = [], second = [];
        foreach (var results in (List<float[]>[])[first, second])
        {
            scene.Reset();
            scene.Forward(forward);
            scene.Backward(backward);
            device.Synchronize();
            results.AddRange([scene.Mixed.Read(), scene.LogSums.Read(), scene.Dq.Read(), scene.DkView.GetAsArray1D(), scene.DvView.GetAsArray1D()]);
        }
        Assert.Equal(first, second);
        backward.Dispose();
    }

    // Entries that nobody sees belong to rows that went no deeper; what lies there must not get into sums by a weight of zero.
    [Theory, InlineData(PackedAttentionVariant.Portable), InlineData(PackedAttentionVariant.Simd)]
    public void Leaves_entries_alone_that_nobody_sees(PackedAttentionVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var layout = new PackedLayout([[.. Enumerable.Range(0, 80).Select(at => new PackedPlace(0, at)), new(1, 0)], [new(0, 3), new(0, 66)]]);
        using var scene = new PackedAttentionScene(device, layout, (2, 1, 20));
        var (unseen, length) = (67 * 20, 14 * 20);
        foreach (var buffer in (FloatBuffer[])[scene.KeyView, scene.ValueView])
            buffer.View.BaseView.SubView(unseen, length).CopyFromCPU([.. Enumerable.Repeat(float.NaN, length)]);
        scene.Forward(new PackedAttention(device, variant));
        using var backward = new PackedAttentionBackward(device, variant);
        scene.Backward(backward);
        Verify(scene);
    }

    [Fact]
    public void The_reference_agrees_with_central_differences()
    {
        var layout = PackedLayout.Of([4, 3], depths: 2, share: 0.6);
        var shape = new PackedAttentionShape(layout.Passes[1].Length, layout.Passes.Sum(pass => pass.Length), 2, Heads: 4, KvHeads: 2, HeadDim: 6);
        var reference = new PackedAttentionReference(layout.Mask(), shape);
        double[] q = Random(1, shape.QueryLength), k = Random(2, shape.EntryLength), v = Random(3, shape.EntryLength), dMixed = Random(4, shape.QueryLength);
        var (dq, dk, dv) = reference.Backward(q, k, v, dMixed);
        foreach (var (values, gradient) in ((double[], double[])[])[(q, dq), (k, dk), (v, dv)])
        {
            for (var i = 0; i < values.Length; i++)
            {
                const double Step = 1e-5;
                var before = values[i];
                values[i] = before + Step;
                var above = Loss();
                values[i] = before - Step;
                var below = Loss();
                values[i] = before;
                // The third derivative is of the order of the loss: an error of Step^2, and the loss's roundings divided by Step.
                Assert.Equal((above - below) / (2 * Step), gradient[i], tolerance: 1e-8);
            }
        }

        double Loss() => reference.Forward(q, k, v).Mixed.Zip(dMixed, (value, weight) => value * weight).Sum();

        static double[] Random(int seed, long length) => PackedAttentionTests.Wide(RandomData.Uniform(seed, (int)length));
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new PackedAttentionScene(device, PackedAttentionTests.Layouts[0], PackedAttentionTests.Heads[0]);
        using var backward = new PackedAttentionBackward(device, PackedAttentionVariant.Simd);
        var failure = Assert.Throws<ShapeException>(() => backward.Run(
            scene.QueryView.View, scene.KeyView.View, scene.ValueView.View, scene.Mixed.View, scene.LogSums.View, scene.GradientView.View,
            scene.Ranges, scene.Dq.View, scene.DkView.View.SubView(0, 31), scene.DvView.View, scene.Shape));
        Assert.StartsWith("dk has 31 elements where the shape asks for 32", failure.Message, StringComparison.Ordinal);
    }

    private static void Verify(PackedAttentionScene scene)
    {
        var (dq, dk, dv) = scene.Reference.Backward(
            PackedAttentionTests.Wide(scene.Q), PackedAttentionTests.Wide(scene.K), PackedAttentionTests.Wide(scene.V),
            PackedAttentionTests.Wide(scene.DMixed));
        // Every term is off by the share of its weight (PackedAttentionTests), of the products of headDim terms that make the gradient of its score, and of
        // the sum; what was there before, below 1, costs a rounding more, and taking it away again another.
        var share = (4 * PackedAttentionTests.Rounding(scene)) + ((2 * scene.Shape.HeadDim) + scene.Shape.Rows) * Math.Pow(2, -24);
        var reference = scene.Reference;
        Near.Absolute(dq, scene.Dq.Read(), [.. reference.DqSize.Select(size => share * size)]);
        Near.Absolute(dk, scene.ReadDk(), [.. reference.DkSize.Select(size => (share * size) + (Math.Pow(2, -23) * (2 + size)))]);
        Near.Absolute(dv, scene.ReadDv(), [.. reference.DvSize.Select(size => (share * size) + (Math.Pow(2, -23) * (2 + size)))]);
    }
}
