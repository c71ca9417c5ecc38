using System.Globalization;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class WeightTilesBench(TestDevices devices)
{
    private static readonly (string Name, int Outer, int Inner)[] Layers =
    [
        ("qkv .6", 4096, 1024), ("o .6", 1024, 2048), ("gu .6", 6144, 1024), ("down .6", 1024, 3072), ("head .6", 151936, 1024),
        ("qkv 1.7", 4096, 2048), ("o 1.7", 2048, 2048), ("gu 1.7", 12288, 2048), ("down 1.7", 2048, 6144),
    ];

    [Fact(Explicit = true)]
    public void Time()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var lines = new List<string>();
        using var tokens = new TokenPacker(device);
        const long PoolBytes = 640L << 20;
        using var pool = device.AllocateInts(PoolBytes / 4);
        pool.MemSet(device.Accelerator.DefaultStream, 0x3c);
        using var x = device.Copy(RandomData.Uniform(1, 256 * 6144));
        using var y = device.AllocateFloats(256L * 151936);
        device.Synchronize();
        foreach (var rows in (int[])[16, 64, 128, 256])
        {
            var launches = new[] { new WeightTilesLaunches<ProjectedRows>(device, tokens, false), new WeightTilesLaunches<ProjectedRows>(device, tokens, true) };
            foreach (var (name, outer, inner) in Layers)
            {
                if (rows == 256 && name.Contains("1.7", StringComparison.Ordinal)) continue;
                var packing = TokenPacker.Task(rows, inner, false);
                var bytes = (long)outer * inner * 2;
                var copies = (int)Math.Max(1, PoolBytes / bytes);
                var count = (outer + 1) / 2;
                var results = new List<(double Us, string What)>();
                string auto = "";
                foreach (var terms in packing.Terms == 2 ? (int[])[2, 1] : [1])
                for (var wg = 0; wg < 2; wg++)
                {
                    var packed = packing with { Terms = terms };
                    tokens.Run(x.View, null, packed);
                    var chosen = WeightTilesPlan.Of(count, packed.Chunks, packed.Tiles, 132, true);
                    foreach (var plan in Plans(count, packed.Chunks, packed.Tiles).Append(chosen))
                    {
                        var n = Math.Min(copies, 24);
                        var number = 0;
                        void Launch()
                        {
                            for (var i = 0; i < n; i++)
                            {
                                var weight = (ulong)pool.NativePtr + (ulong)(number++ % copies * bytes);
                                launches[wg].Run(null, new ProjectedRows(weight, y.View, y.View, new MatMulTask(rows, inner, outer, 1, 0, 0)), count, packed, plan);
                            }
                        }
                        var us = Measure(device, Launch) / n;
                        var what = $"{(wg == 1 ? "wg" : "mma")} t{terms} {plan.Threads}x{plan.Splits} w{plan.Workers}";
                        results.Add((us, what));
                        if (plan == chosen) auto += $" {(wg == 1 ? "wg" : "mma")}t{terms}={us:f2}";
                    }
                }
                results.Sort();
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{rows,3} {name,-9} auto{auto} | {string.Join(" | ", results.DistinctBy(r => r.What).Take(3).Select(r => $"{r.Us:f2} {bytes / r.Us / 1e6:f2}TB {r.What}"))}"));
                if (name is "qkv .6" or "down .6")
                    lines.Add($"    pack {inner}: {Measure(device, () => { for (var i = 0; i < 20; i++) tokens.Run(x.View, x.View, packing with { Normalize = 1 }); }) / 20:f2} us");
            }
        }
        File.WriteAllLines("bench.txt", lines);
    }

    private static IEnumerable<WeightTilesPlan> Plans(int pairs, int chunks, int tiles)
    {
        foreach (var threads in (int[])[128, 256])
        foreach (var splits in (int[])[1, 2, 4, 8])
        {
            var plan = new WeightTilesPlan(threads, splits, 1);
            var all = (pairs + plan.PairsOfTile - 1) / plan.PairsOfTile;
            if (splits > chunks || all * splits * tiles > 600 && splits > 1 || all * splits * tiles < 48) continue;
            if (all * tiles * splits <= 132 * (256 / threads)) yield return plan with { Workers = all };
            else
            {
                yield return plan with { Workers = Math.Min(all, 132 / splits / tiles) };
                if (threads == 128) yield return plan with { Workers = Math.Min(all, 264 / splits / tiles) };
                if (all * splits * tiles <= 400) yield return plan with { Workers = all };
            }
        }
    }

    private static unsafe double Measure(ComputeDevice device, Action launch)
    {
        var stream = ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;
        launch();
        device.Synchronize();
        CudaDriver.Check(CudaDriver.cuStreamBeginCapture_v2(stream, 2));
        launch();
        CudaDriver.Check(CudaDriver.cuStreamEndCapture(stream, out var graph));
        CudaDriver.Check(CudaDriver.cuGraphInstantiateWithFlags(out var executable, graph, 0));
        CudaDriver.cuEventCreate(out var start, 0);
        CudaDriver.cuEventCreate(out var end, 0);
        var times = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            CudaDriver.cuEventRecord(start, stream);
            CudaDriver.Check(CudaDriver.cuGraphLaunch(executable, stream));
            CudaDriver.cuEventRecord(end, stream);
            CudaDriver.Check(CudaDriver.cuEventSynchronize(end));
            CudaDriver.cuEventElapsedTime(out var ms, start, end);
            if (i > 1) times.Add(ms * 1000);
        }
        CudaDriver.cuGraphExecDestroy(executable);
        CudaDriver.cuGraphDestroy(graph);
        times.Sort();
        return times[times.Count / 2];
    }
}
