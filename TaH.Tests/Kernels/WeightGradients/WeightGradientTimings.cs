using System.Globalization;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// Times of weights' gradients, for whoever tunes them: run with <c>-class TaH.Tests.WeightGradientTimings -explicit only</c>. Launches are recorded
/// in a graph, values are near normal, operands rotate through more memory than the cache holds; the median of nine replays.
/// </summary>
[Collection(DeviceCollection.Name)]
public sealed class WeightGradientTimings(TestDevices devices)
{
    private const double BytesOfMicrosecond = 4.2e6; // that an H200 copies

    private static readonly (int Rows, int Outer, int Inner)[] Shapes =
    [
        (4096, 1024, 1024), (4096, 3072, 1024), (4096, 1024, 3072), (4096, 2048, 1024), (4096, 4096, 1024), (4096, 6144, 1024),
        (2048, 151_936, 1024), (60_000, 256, 256), (60_000, 768, 256), (60_000, 1536, 256), (60_000, 256, 768), (60_000, 576, 256),
    ];

    [Fact(Explicit = true)]
    public void Of_warpgroups()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        using var gradients = new WgmmaGradients(device);
        var products = new WgmmaProducts(device);
        Console.WriteLine("rows, outer x inner, plan: us, TFLOP/s | us of the product of the same size, of the bytes | us of other plans");
        foreach (var (rows, outer, inner) in Shapes)
        {
            var peer = 0.0;
            using (var scene = new TensorScene(device, outer, inner, rows))
                peer = scene.Time(rotating: true, weights: 1, (x, targets) => products.Run(x, TensorStore.Add, 1, targets));
            var bytes = (2.0 * rows * (outer + inner)) + (8.0 * outer * inner);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Line(device, gradients, WgmmaGradients.AllColumns, rows, outer, inner, others: true, $"{peer:0.0}, {bytes / BytesOfMicrosecond:0.0}")}"));
        }
    }

    [Fact(Explicit = true)]
    public void Of_warps()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Ampere) Assert.Skip($"{device.Info.Name} is older than Ampere");
        using var gradients = new MmaGradients(device);
        foreach (var (rows, outer, inner) in Shapes)
            Console.WriteLine(Line(device, gradients, MmaGradients.AllColumns, rows, outer, inner, others: false, "warps"));
    }

    private static string Line(
        ComputeDevice device, WeightGradientProducts products, int[] allColumns, int rows, int outer, int inner, bool others, string peer)
    {
        using var scene = new Scene(device, rows, outer, inner);
        var multiprocessors = device.Accelerator.NumMultiprocessors;
        var chosen = WeightGradientPlan.Choose(allColumns, [outer], inner, rows, multiprocessors);
        var time = scene.Time(products, chosen);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{rows}, {outer}x{inner}, {chosen.Columns}/{chosen.Parts}: {time:0.0}, {2e-6 * rows * outer * inner / time:0} | {peer}");
        if (!others) return line;
        var plans = new HashSet<WeightGradientPlan>();
        foreach (var columns in allColumns)
        {
            var tiles = WeightGradientPlan.Pieces(outer, WeightGradientPlan.TileRows) * WeightGradientPlan.Pieces(inner, columns);
            var most = Math.Max(1, multiprocessors / tiles);
            if (tiles >= 24) plans.Add(new(columns, 1));
            plans.Add(new(columns, most));
            plans.Add(new(columns, Math.Max(1, most / 2)));
        }
        plans.Remove(chosen);
        return line + " | " + string.Join(' ', plans.Select(plan => string.Create(
            CultureInfo.InvariantCulture, $"{plan.Columns}/{plan.Parts} {scene.Time(products, plan):0.0}")));
    }

    private sealed class Scene : IDisposable
    {
        private const long Rotated = 200L << 20;
        private const int Samples = 9;

        private readonly ComputeDevice _device;
        private readonly int _rows;
        private readonly int _inner;
        private readonly int _outer;
        private readonly MemoryBuffer1D<ushort, Stride1D.Dense>[] _dys;
        private readonly MemoryBuffer1D<ushort, Stride1D.Dense>[] _xs;
        private readonly FloatBuffer[] _gradients;

        public Scene(ComputeDevice device, int rows, int outer, int inner)
        {
            (_device, _rows, _outer, _inner) = (device, rows, outer, inner);
            var normal = TensorScene.Normal(1 << 20);
            var copies = (int)Math.Clamp(Rotated / ((2L * rows * (outer + inner)) + (4L * outer * inner)), 2, 20);
            var filledUp = (rows + 63L) / 64 * 64;
            _dys = [.. Enumerable.Range(0, copies).Select(_ => Operand(outer))];
            _xs = [.. Enumerable.Range(0, copies).Select(_ => Operand(inner))];
            _gradients = [.. Enumerable.Range(0, copies).Select(_ => device.AllocateFloats((long)outer * inner))];
            foreach (var gradient in _gradients) gradient.MemSetToZero(device.Accelerator.DefaultStream);
            device.Synchronize();

            MemoryBuffer1D<ushort, Stride1D.Dense> Operand(int width)
            {
                var operand = device.Accelerator.Allocate1D<ushort>(filledUp * width);
                operand.MemSetToZero(device.Accelerator.DefaultStream);
                device.Synchronize();
                TensorScene.Fill(operand.View.BaseView.SubView(0, (long)rows * width), normal);
                return operand;
            }
        }

        /// <summary>Microseconds of one.</summary>
        public double Time(WeightGradientProducts products, WeightGradientPlan plan)
        {
            Thread.Sleep(TensorScene.Pause);
            var launches = 2 * _dys.Length;
            return GraphTimer.Median(_device, () =>
            {
                for (var launch = 0; launch < launches; launch++)
                {
                    var i = launch % _dys.Length;
                    products.Run(
                        plan, new Bfloat16Rows(_xs[i].View, _inner, 0, _rows), 1,
                        new WeightGradientTarget(new Bfloat16Rows(_dys[i].View, _outer, 0, _rows), _gradients[i].View));
                }
            }, Samples) / launches;
        }

        public void Dispose()
        {
            foreach (var buffer in _dys.Concat(_xs)) buffer.Dispose();
            foreach (var gradient in _gradients) gradient.Dispose();
        }
    }
}
