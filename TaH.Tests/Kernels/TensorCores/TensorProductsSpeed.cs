using System.Globalization;

namespace TaH.Tests;

/// <summary>
/// Times of every tile on a card, and of cuBLAS, for whoever tunes them: run with <c>-class TaH.Tests.TensorProductsSpeed -explicit only</c>.
/// Launches are recorded in a graph, values are near normal, weights rotate through more memory than the cache holds; the median of nine replays.
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
        var products = new WgmmaProducts(device);
        var cublas = CublasPeer.Measure(Shapes);
        Console.WriteLine("us of bf16 y with the tile chosen, cuBLAS = its share | with one weight | f32 y | added to | gated | bf16 y with each tile");
        for (var i = 0; i < Shapes.Length; i++)
        {
            var (rows, outer, inner) = Shapes[i];
            using var scene = new TensorScene(device, rows, outer, inner);
            double Of(WgmmaGeometry geometry, TensorStore store, bool rotating = true, int weights = 1) =>
                scene.Time(rotating, weights, (x, targets) => products.Launch(geometry, x, store, 1, targets));
            var chosen = WgmmaGeometry.Choose(WgmmaGeometry.All, rows, inner, [outer], device.Accelerator.NumMultiprocessors);
            var (half, one, peer) = (Of(chosen, TensorStore.Bfloat16), Of(chosen, TensorStore.Bfloat16, rotating: false), cublas?[i]);
            var (single, added) = (Of(chosen, TensorStore.Replace), Of(chosen, TensorStore.Add));
            var gated = WgmmaGeometry.Gated.Select(geometry => string.Create(
                CultureInfo.InvariantCulture, $"{NameOf(geometry)} {Of(geometry, TensorStore.Gated, weights: 2):0.0}"));
            var all = WgmmaGeometry.All.Select(geometry => string.Create(
                CultureInfo.InvariantCulture, $"{NameOf(geometry)} {Of(geometry, TensorStore.Bfloat16):0.0}"));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{rows}x{outer}x{inner}, {NameOf(chosen)}: {Versus(half, peer?.Rotating)} | {Versus(one, peer?.OneWeight)} | "
                + $"{Versus(single, peer?.Single)} | {added:0.0} | {string.Join(", ", gated)} | {string.Join(", ", all)}"));
        }
    }

    [Fact(Explicit = true)]
    public void Of_warps()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Ampere) Assert.Skip($"{device.Info.Name} is older than Ampere");
        var products = new MmaProducts(device);
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

    private static string NameOf(WgmmaGeometry geometry) => geometry.Parts > 1 ? $"{geometry.Columns}/{geometry.Parts}" : $"{geometry.Columns}";

    private static string Versus(double ours, double? peer) => string.Create(
        CultureInfo.InvariantCulture, $"{ours:0.0}{(peer is { } theirs ? $", {theirs:0.0} = {theirs / ours:0.00}" : "")}");
}
