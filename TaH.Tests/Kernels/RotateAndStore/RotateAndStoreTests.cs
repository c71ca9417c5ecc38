using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RotateAndStoreTests(TestDevices devices)
{
    private const double Theta = 1e6;
    private const int PageSize = 3;
    private const int Pages = 4;

    // Not in order, one position twice (two depths of it), one far out where a badly rounded angle would be off by whole turns.
    private static readonly int[] Positions = [5, 0, 40_959, 5];
    private static readonly int[] Cells = [7, 2, 11, 0];

    // headDim 2: one pair; 20: tail after vectors and fewer pairs than threads of a group; 64, 128: real models.
    public static TheoryData<RotateAndStoreVariant, DeviceKind, ElementType, int, float> Cases()
    {
        var cases = new TheoryData<RotateAndStoreVariant, DeviceKind, ElementType, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<RotateAndStoreVariant>())
        foreach (var type in Enum.GetValues<ElementType>())
        foreach (var headDim in (int[])[2, 20, 64, 128])
            cases.Add(variant, kind, type, headDim, headDim == 20 ? 10f : 1e-6f);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(RotateAndStoreVariant variant, DeviceKind kind, ElementType type, int headDim, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new RotateAndStoreShape(Positions.Length, Heads: 3, KvHeads: 1, headDim, epsilon);
        float[] query = RandomData.Uniform(1, shape.Rows * shape.Heads * headDim), key = RandomData.Uniform(2, shape.Rows * headDim);
        float[] value = RandomData.Uniform(3, key.Length), queryNorm = RandomData.Uniform(4, headDim), keyNorm = RandomData.Uniform(5, headDim);
        using FloatBuffer q = device.Copy(query), k = device.Copy(key), v = device.Copy(value),
            qn = device.Copy(queryNorm), kn = device.Copy(keyNorm);
        using var rope = new RopeTable(device, headDim, Theta);
        using var pool = new KvPool(device, new KvShape(Layers: 1, shape.KvHeads, headDim, PageSize, Depths: 2, type));
        pool.Grow(Pages);
        var empty = Enumerable.Repeat(float.NaN, Pages * PageSize * headDim).ToArray();
        pool.Layer(0).Fill(type, empty, empty);
        using var rows = Rows(device);

        devices.Once(device, variant, (on, by) => new RotateAndStore(on, by)).Run(
            new QkvBuffers(q.View, k.View, v.View), qn.View, kn.View, rope, rows, pool.Layer(0), shape);
        device.Synchronize();

        // A head's elements are at most sqrt(headDim) after the norm (weights are below 1): headDim / 2 + 8 roundings of that, as in RmsNorm, then
        // the rotation's four.
        var bound = ((headDim / 2) + 12) * Math.Sqrt(headDim) * Math.Pow(2, -24);
        Near.Absolute(RotateAndStoreReference.Rotate(query, queryNorm, Positions, headDim, Theta, epsilon), q.GetAsArray1D(), bound);
        var (keys, values) = pool.Layer(0).Read();
        var rotated = RotateAndStoreReference.Rotate(key, keyNorm, Positions, headDim, Theta, epsilon);
        for (var row = 0; row < shape.Rows; row++)
        {
            var (entry, source) = (Cells[row] * headDim, row * headDim);
            // Narrowing costs half a unit in the last place, of a value up to sqrt(headDim).
            Near.Absolute(rotated[source..(source + headDim)], keys[entry..(entry + headDim)], bound + (Math.Sqrt(headDim) * Unit(type)));
            Assert.Equal(KvData.Rounded(type, value[source..(source + headDim)]), values[entry..(entry + headDim)]);
        }
        foreach (var cell in Enumerable.Range(0, Pages * PageSize).Except(Cells))
            Assert.All(keys.Concat(values).Where((_, i) => i / headDim % (Pages * PageSize) == cell),
                left => Assert.True(float.IsNaN(left), $"cell {cell} was written"));
    }

    [Fact]
    public void Refuses_a_cache_of_another_shape()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var pool = new KvPool(device, new KvShape(Layers: 1, KvHeads: 2, HeadDim: 8, PageSize, Depths: 2, ElementType.F32));
        pool.Grow(Pages);
        using var rope = new RopeTable(device, headDim: 4, Theta);
        using var rows = Rows(device);
        using var room = device.AllocateFloats(100);
        // Heads of another size, and as many elements in another number of heads.
        foreach (var (kvHeads, fault) in (ValueTuple<int, string>[])[(2, "a head of the KV cache has 8"), (4, "the KV cache's set of heads has 2")])
        {
            var failure = Assert.Throws<ShapeException>(() => new RotateAndStore(device, RotateAndStoreVariant.Simd).Run(
                new QkvBuffers(room.View, room.View, room.View), room.View, room.View, rope, rows, pool.Layer(0),
                new RotateAndStoreShape(Rows: 4, Heads: 4, kvHeads, HeadDim: 4, 1e-6f)));
            Assert.StartsWith($"{fault} elements where the shape asks for 4", failure.Message, StringComparison.Ordinal);
        }
    }

    private static double Unit(ElementType type) => type switch { ElementType.F32 => 0, ElementType.F16 => Math.Pow(2, -11), _ => Math.Pow(2, -8) };

    private static RowTable Rows(ComputeDevice device)
    {
        var rows = new RowTable(device, capacity: 6, depths: 2);
        rows.Upload(
            [.. Positions.Select((position, i) => new Row(0, position, Depth: i == 3 ? 1 : 0, Token: 0, Slot: 0, Cells[i], WantsLogits: false))],
            new int[2 * Positions.Length]);
        return rows;
    }
}
