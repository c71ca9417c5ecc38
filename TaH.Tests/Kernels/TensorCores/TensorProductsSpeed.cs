using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

/// <summary>
/// Times of every tile on a card, for whoever tunes them: run with <c>-class TaH.Tests.TensorProductsSpeed -explicit only</c>. Launches are recorded
/// in a graph, weights rotate through more memory than the cache holds, values are near normal; the median of nine replays.
/// </summary>
[Collection(DeviceCollection.Name)]
public sealed class TensorProductsSpeed(TestDevices devices)
{
    private const long Rotated = 160L << 20;

    private static readonly (int Rows, int Outer, int Inner)[] Shapes =
    [
        (4096, 4096, 4096), (4096, 3072, 4096), (2048, 2048, 2048), (1024, 6144, 2048), (512, 6144, 2048), (512, 2048, 2048), (512, 2048, 6144),
        (2048, 4096, 2048), (2048, 12288, 2048), (2048, 2048, 6144), (2048, 4096, 1024), (2048, 6144, 1024), (2048, 1024, 2048), (2048, 1024, 3072),
    ];

    [Theory(Explicit = true), InlineData(1), InlineData(2)]
    public void Of_warpgroups(int together)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        using var products = new WgmmaProducts(device);
        WgmmaGeometry[] choices = [.. WgmmaGeometry.All.Where(geometry => geometry.GroupsTogether == together)];
        Console.WriteLine($"{together} together, rows x outer x inner: us of bf16 256 192 128 64 | chosen, replace, add | gated, twice the columns");
        foreach (var (rows, outer, inner) in Shapes)
        {
            using var scene = new Scene(device, rows, outer, inner);
            var chosen = WgmmaGeometry.Choose(choices, rows, inner, [outer], device.Accelerator.NumMultiprocessors);
            string Of(WgmmaGeometry geometry, TensorStore store, int weights = 1) =>
                scene.Time((x, i) => products.Launch(geometry, x, store, 1, scene.Targets(i, weights)));
            var all = string.Join(' ', choices.Select(geometry => Of(geometry, TensorStore.Bfloat16)));
            Console.WriteLine(
                $"{rows}x{outer}x{inner}: {all} | {chosen.Columns} {Of(chosen, TensorStore.Replace)} {Of(chosen, TensorStore.Add)}"
                + $" | {Of(choices[0], TensorStore.Gated, 2)}");
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
            using var scene = new Scene(device, rows, outer, inner);
            string Of(bool wide, TensorStore store) => scene.Time((x, i) => products.Launch(wide, x, store, 1, scene.Targets(i, 1)));
            Console.WriteLine(
                $"{rows}x{outer}x{inner}: {Of(true, TensorStore.Bfloat16)} {Of(false, TensorStore.Bfloat16)}"
                + $" | {Of(true, TensorStore.Replace)} {Of(true, TensorStore.Add)}");
        }
    }

    /// <summary>Operands of one shape, the weight many times.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly ComputeDevice _device;
        private readonly int _rows;
        private readonly int _inner;
        private readonly WeightMatrix[] _weights;
        private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _x;
        private readonly FloatBuffer _y;

        public Scene(ComputeDevice device, int rows, int outer, int inner)
        {
            (_device, _rows, _inner) = (device, rows, inner);
            var count = (int)Math.Clamp(Rotated / ((long)outer * inner * sizeof(ushort)), 2, 40);
            _x = device.Accelerator.Allocate1D<ushort>((long)rows * inner);
            _y = device.AllocateFloats((long)rows * outer);
            var normal = Normal(1 << 20);
            Fill(_x.View, normal);
            _weights = [.. Enumerable.Range(0, count).Select(_ => WeightMatrix.Allocate(device, ElementType.Bf16, outer, inner))];
            foreach (var weight in _weights) Fill(weight.Halves, normal);
            _y.MemSetToZero(device.Accelerator.DefaultStream);
            device.Synchronize();
        }

        public TensorTarget[] Targets(int number, int count) => [.. Enumerable.Range(number, count).Select(i =>
            new TensorTarget(_weights[i % _weights.Length], (ulong)_y.NativePtr))];

        public string Time(Action<Bfloat16Rows, int> launch)
        {
            var x = new Bfloat16Rows(_x.View, _inner, 0, _rows);
            for (var i = 0; i < _weights.Length; i++) launch(x, i); // maps and kernels are made here
            _device.Synchronize();
            var stream = ((CudaStream)_device.Accelerator.DefaultStream).StreamPtr;
            var launches = 2 * _weights.Length;
            CudaDriver.Check(CudaDriver.cuStreamBeginCapture_v2(stream, 2));
            for (var i = 0; i < launches; i++) launch(x, i);
            CudaDriver.Check(CudaDriver.cuStreamEndCapture(stream, out var graph));
            CudaDriver.Check(CudaDriver.cuGraphInstantiateWithFlags(out var executable, graph, 0));
            CudaDriver.Check(CudaDriver.cuEventCreate(out var start, 0));
            CudaDriver.Check(CudaDriver.cuEventCreate(out var end, 0));
            var times = new List<float>();
            for (var round = 0; round < 11; round++)
            {
                CudaDriver.Check(CudaDriver.cuEventRecord(start, stream));
                CudaDriver.Check(CudaDriver.cuGraphLaunch(executable, stream));
                CudaDriver.Check(CudaDriver.cuEventRecord(end, stream));
                CudaDriver.Check(CudaDriver.cuEventSynchronize(end));
                CudaDriver.Check(CudaDriver.cuEventElapsedTime(out var milliseconds, start, end));
                if (round >= 2) times.Add(milliseconds);
            }
            CudaDriver.Check(CudaDriver.cuEventDestroy_v2(start));
            CudaDriver.Check(CudaDriver.cuEventDestroy_v2(end));
            CudaDriver.Check(CudaDriver.cuGraphExecDestroy(executable));
            CudaDriver.Check(CudaDriver.cuGraphDestroy(graph));
            times.Sort();
            return (times[times.Count / 2] * 1000 / launches).ToString("0.0", CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            foreach (var weight in _weights) weight.Dispose();
            _x.Dispose();
            _y.Dispose();
        }

        private static void Fill(ArrayView<ushort> target, ushort[] values)
        {
            for (long at = 0; at < target.Length; at += values.Length)
            {
                var count = (int)Math.Min(values.Length, target.Length - at);
                target.SubView(at, count).CopyFromCPU(values.AsSpan(0, count).ToArray());
            }
        }

        private static ushort[] Normal(int count)
        {
            var random = new Random(1);
            var values = new ushort[count];
            for (var i = 0; i < count; i++)
            {
                var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                values[i] = default(Bfloat16Format).Narrow((float)(radius * Math.Cos(2 * Math.PI * random.NextDouble())));
            }
            return values;
        }
    }
}
