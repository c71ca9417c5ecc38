using ILGPU.Runtime;
using Prepare = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, TaH.Kernels.SplitDecodeWeights, TaH.Kernels.SplitDecodeRows,
    ulong, ulong, ulong, int, TaH.Kernels.SplitDecodeTask>;

namespace TaH.Tests;

/// <summary>The step in front of the flash kernel by itself: unlike that kernel, simulated warps can run it.</summary>
[Collection(DeviceCollection.Name)]
public class FlashPreparationTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const double Theta = 1e6;
    private const float Epsilon = 1e-3f;
    private const int HeadDim = FlashKernel.HeadDim, Cells = 7;

    private static readonly int[] Positions = [5, 0, 1_000];
    private static readonly int[] CellsOfRows = [6, 2, 0];

    // Heads that fill no four, one four and more than one; key heads the same.
    [Theory, InlineData(WarpDevice.Simulated, 2, 1), InlineData(WarpDevice.Simulated, 6, 3), InlineData(WarpDevice.Simulated, 10, 5)]
    [InlineData(WarpDevice.Card, 2, 1), InlineData(WarpDevice.Card, 10, 5), InlineData(WarpDevice.Card, 16, 8)]
    public void Equals_the_double_reference(WarpDevice where, int heads, int kvHeads)
    {
        var device = warps.OpenOrSkip(where, devices);
        var shape = new DuoCausalAttentionShape(Positions.Length, heads, kvHeads, HeadDim, PageSize: 1, Depths: 1, MaxPages: Cells);
        float[][] products = [.. new[] { heads, kvHeads, kvHeads }.Select((count, i) => RandomData.Uniform(1 + i, shape.Rows * count * HeadDim))];
        float[][] norms = [RandomData.Uniform(4, HeadDim), RandomData.Uniform(5, HeadDim)];
        using FloatBuffer q = device.Copy(products[0]), k = device.Copy(products[1]), v = device.Copy(products[2]),
            queryNorm = device.Copy(norms[0]), keyNorm = device.Copy(norms[1]);
        using var rope = new RopeTable(device, HeadDim, Theta);
        rope.Reserve(Positions.Max() + 1);
        using var rows = new RowTable(device, shape.Rows, depths: 1);
        rows.Upload([.. Positions.Select((position, i) => new Row(i, position, 0, 0, 0, CellsOfRows[i], false))], [1, 1, 1]);
        using var pool = new KvPool(device, new KvShape(Layers: 1, kvHeads, HeadDim, PageSize: 1, Depths: 1, ElementType.Bf16));
        pool.Grow(Cells);
        var empty = Enumerable.Repeat(float.NaN, Cells * kvHeads * HeadDim).ToArray();
        pool.Layer(0).Fill(ElementType.Bf16, empty, empty);
        using var queries = device.Accelerator.Allocate1D<ushort>(products[0].Length);
        using var tables = new KvPageTables(device, sequences: shape.Rows, depths: 1, maxPages: Cells);

        var kernel = PtxLoader.Load(device, ((Delegate)FlashPreparation.Run).Method, new KernelSpecialization(FlashPreparation.GroupSize, null));
        var count = FlashPreparation.WarpsFor(shape);
        kernel.CreateLauncherDelegate<Prepare>()(
            device.Accelerator.DefaultStream, ((count + FlashPreparation.Warps - 1) / FlashPreparation.Warps, FlashPreparation.GroupSize),
            new QkvBuffers(q.View, k.View, v.View), new SplitDecodeWeights(queryNorm.View, keyNorm.View, rope.View),
            new SplitDecodeRows(rows.Positions, rows.RowDepths, rows.Cells, new DuoCausalGrid(rows.Sequences, rows.Visible, tables.View)),
            pool.Layer(0).KeyAddress, pool.Layer(0).ValueAddress, (ulong)queries.NativePtr, count, SplitDecodeTask.Of(shape, 1, 1, Epsilon));
        device.Synchronize();

        // As in RotateAndStoreTests, and half a unit of bf16 in the last place of a value up to sqrt(headDim).
        var bound = (((HeadDim / 2) + 12) * Math.Sqrt(HeadDim) * Math.Pow(2, -24)) + (Math.Sqrt(HeadDim) * Math.Pow(2, -8));
        float[] turned = [.. queries.GetAsArray1D().Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))];
        Near.Absolute(RotateAndStoreReference.Rotate(products[0], norms[0], Positions, HeadDim, Theta, Epsilon), turned, bound);
        var (keys, values) = pool.Layer(0).Read();
        var (rotated, width) = (RotateAndStoreReference.Rotate(products[1], norms[1], Positions, HeadDim, Theta, Epsilon), kvHeads * HeadDim);
        for (var row = 0; row < shape.Rows; row++)
        {
            var (entry, source) = (CellsOfRows[row] * width, row * width);
            Near.Absolute(rotated[source..(source + width)], keys[entry..(entry + width)], bound);
            Assert.Equal(KvData.Rounded(ElementType.Bf16, products[2][source..(source + width)]), values[entry..(entry + width)]);
        }
        foreach (var cell in Enumerable.Range(0, Cells).Except(CellsOfRows))
            Assert.All(keys[(cell * width)..((cell + 1) * width)].Concat(values[(cell * width)..((cell + 1) * width)]),
                left => Assert.True(float.IsNaN(left), $"cell {cell} was written"));
    }
}
