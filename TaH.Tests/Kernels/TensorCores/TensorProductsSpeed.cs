using System.Globalization;

namespace TaH.Tests;

/// <summary>
/// Times of every tile on a card, and of cuBLAS, for whoever tunes them: run with <c>-class TaH.Tests.TensorProductsSpeed -explicit only</c>. Launches
/// are recorded in a graph, values are near normal, weights rotate through more memory than the cache holds; the median of nine replays.
/// </summary>
[Collection(DeviceCollection.Name)]
public sealed class TensorProductsSpeed(TestDevices devices)
{
    private static readonly (int Rows, int Outer, int Inner)[] Shapes =
    [
        (4096, 4096, 4096), (4096, 3072, 4096), (2048, 2048, 2048), (1024, 6144, 2048), (512, 6144, 2048), (512, 2048, 2048), (512, 2048, 6144),
        (2048, 4096, 2048), (2048, 12288, 2048), (2048, 2048, 6144), (2048, 4096, 1024), (2048, 6144, 1024), (2048, 1024, 2048), (2048, 1024, 3072),
    ];

    [Fact(Explicit = true)]
    public void Of_warpgroups()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        using var products = new WgmmaProducts(device);
        var cublas = CublasPeer.Measure(Shapes);
        Console.WriteLine("rows x outer x inner, us: chosen, cuBLAS = share; with one weight; f32 out, add; gated, twice the columns | bf16 of every geometry");
        for (var i = 0; i < Shapes.Length; i++)
        {
            var (rows, outer, inner) = Shapes[i];
            using var scene = new TensorScene(device, rows, outer, inner);
            var chosen = WgmmaGeometry.Choose(WgmmaGeometry.All, rows, inner, [outer], device.Accelerator.NumMultiprocessors);
            double Of(WgmmaGeometry geometry, TensorStore store, bool rotating = true, int weights = 1) =>
                scene.Time(rotating, weights, (x, targets) => products.Launch(geometry, x, store, 1, targets));
            var times = WgmmaGeometry.All.ToDictionary(geometry => geometry, geometry => Of(geometry, TensorStore.Bfloat16));
            var (ours, one, single) = (times[chosen], Of(chosen, TensorStore.Bfloat16, rotating: false), Of(chosen, TensorStore.Replace));
            var peer = cublas?[i];
            var all = string.Join(' ', times.Select(time => string.Create(
                CultureInfo.InvariantCulture, $"{time.Key.Columns}/{time.Key.GroupsTogether} {time.Value:0.0}")));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rows}x{outer}x{inner}: {chosen.Columns}/{chosen.GroupsTogether} {Versus(ours, peer?.Rotating)}; {Versus(one, peer?.OneWeight)}; "
                + $"{Versus(single, peer?.Single)}, {Of(chosen, TensorStore.Add):0.0}; {Of(WgmmaGeometry.Widest[0], TensorStore.Gated, weights: 2):0.0} | {all}"));
        }
    }

    [Fact(Explicit = true)]
    public void Of_warps()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Ampere) Assert.Skip($"{device.Info.Name} is older than Ampere");
        using var products = new MmaProducts(device);
        Console.WriteLine("warps, rows x outer x inner: us of bf16 128 64 | 128 replace, add");
        foreach (var (rows, outer, inner) in Shapes)
        {
            using var scene = new TensorScene(device, rows, outer, inner);
            double Of(bool wide, TensorStore store) =>
                scene.Time(rotating: true, weights: 1, (x, targets) => products.Launch(wide, x, store, 1, targets));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rows}x{outer}x{inner}: {Of(true, TensorStore.Bfloat16):0.0} {Of(false, TensorStore.Bfloat16):0.0}"
                + $" | {Of(true, TensorStore.Replace):0.0} {Of(true, TensorStore.Add):0.0}"));
        }
    }

    private static string Versus(double ours, double? peer) => string.Create(
        CultureInfo.InvariantCulture, $"{ours:0.0}{(peer is { } theirs ? $", {theirs:0.0} = {theirs / ours:0.00}" : "")}");
}
