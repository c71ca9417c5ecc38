using System.Diagnostics;
using System.Globalization;

namespace TaH.Tests;

/// <summary>
/// How long attention over packed sequences takes, by the variant that is chosen: <c>-explicit only -class TaH.Tests.PackedAttentionTimings</c>. TFLOP/s are
/// of what rows see only, each product once.
/// </summary>
[Collection(DeviceCollection.Name)]
public sealed class PackedAttentionTimings(TestDevices devices)
{
    private static readonly (string Name, PackedLayout Layout, (int, int, int) Heads)[] OnCard =
    [
        ("1 x 4096, 16/8 x 128", PackedLayout.Of([4096], depths: 1), (16, 8, 128)),
        ("1 x 4096, 16/8 x 64", PackedLayout.Of([4096], depths: 1), (16, 8, 64)),
        ("480 x 120, 4/2 x 64", PackedLayout.Of([.. Enumerable.Repeat(120, 480)], depths: 1), (4, 2, 64)),
        ("7 % of 1 x 4096, 16/8 x 128", PackedLayout.Of([4096], depths: 2, share: 0.07), (16, 8, 128)),
        ("7 % of 480 x 120, 4/2 x 64", PackedLayout.Of([.. Enumerable.Repeat(120, 480)], depths: 2, share: 0.07), (4, 2, 64)),
    ];

    private static readonly (string Name, PackedLayout Layout, (int, int, int) Heads)[] OnCpu =
    [
        ("16 x 120, 4/2 x 64", PackedLayout.Of([.. Enumerable.Repeat(120, 16)], depths: 1), (4, 2, 64)),
        ("2 x 400, 16/8 x 64", PackedLayout.Of([400, 400], depths: 1), (16, 8, 64)),
        ("2 x 400, 16/8 x 128", PackedLayout.Of([400, 400], depths: 1), (16, 8, 128)),
        ("7 % of 16 x 120, 4/2 x 64", PackedLayout.Of([.. Enumerable.Repeat(120, 16)], depths: 2, share: 0.07), (4, 2, 64)),
    ];

    [Fact(Explicit = true)]
    public void On_a_card()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Report(device, OnCard, launches => GraphTimer.Median(device, launches, samples: 9));
    }

    [Fact(Explicit = true)]
    public void On_the_CPU() => Report(devices.OpenOrSkip(DeviceKind.Cpu), OnCpu, launches =>
    {
        var times = new List<double>();
        for (var i = -50; i < 9; i++) // the first ones run what is not optimized yet
        {
            var start = Stopwatch.GetTimestamp();
            launches();
            if (i >= 0) times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        times.Sort();
        return times[1]; // the machine may be doing other things
    });

    private static void Report(ComputeDevice device, (string Name, PackedLayout Layout, (int, int, int) Heads)[] cases, Func<Action, double> time)
    {
        Console.WriteLine("sequences, heads: forward us, TFLOP/s | backward us, TFLOP/s");
        foreach (var (name, layout, heads) in cases)
        {
            using var scene = new PackedAttentionScene(device, layout, heads);
            var variant = PackedAttention.Choose(device, heads.Item3);
            using var forward = new PackedAttention(device, variant);
            using var backward = new PackedAttentionBackward(device, variant);
            var there = time(() => scene.Forward(forward));
            var back = time(() => scene.Backward(backward));
            var flops = scene.Shape.Work(scene.Ranges.Pairs).Flops;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}, {variant}: {there:0.0}, {flops / there / 1e6:0.00} | {back:0.0}, {2.5 * flops / back / 1e6:0.00}"));
        }
    }
}
