using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Few rows, some deep: products with low-rank updates in one launch are what the composed operations compute one by one.</summary>
[Collection(DeviceCollection.Name)]
public class LoraMatVecTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Odd sizes; more pairs of A than a group takes.
    private static ModelShape Small(int rank) => Shape(hidden: 40, ffn: 9, heads: 3, kvHeads: 1, headDim: 8, rank);

    // Slices, tails of octets, panels that are staged in turn for many rows, groups that take turns.
    private static ModelShape Large(int rank) => Shape(hidden: 328, ffn: 6152, heads: 33, kvHeads: 8, headDim: 64, rank);

    // Panels that are staged again and again with the norm.
    private static ModelShape Wide(int rank) => Shape(hidden: 2568, ffn: 2600, heads: 3, kvHeads: 1, headDim: 8, rank);

    [Theory, InlineData(1, 0, 3), InlineData(3, 2, 33)]
    public void Equal_the_composed_operations_on_simulated_warps(int rows, int deepFrom, int rank)
    {
        using var scene = new Scene(warps.OpenOrSkip(WarpDevice.Simulated, devices), Small(rank), ElementType.Bf16);
        Verify(scene, rows, deepFrom);
    }

    [Theory, InlineData(32, ElementType.Bf16), InlineData(7, ElementType.Bf16), InlineData(1, ElementType.F16), InlineData(16, ElementType.F32)]
    [InlineData(33, ElementType.F16), InlineData(LoraMatVecTask.MostRank, ElementType.Bf16)]
    public void Equal_the_composed_operations(int rank, ElementType type)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        foreach (var shape in (ModelShape[])[Small(rank), Large(rank)])
        {
            using var scene = new Scene(device, shape, type);
            for (var rows = 1; rows <= MatVec.MaxRows; rows++)
            foreach (var deepFrom in new HashSet<int> { 0, rows / 2, rows - 1 })
                Verify(scene, rows, deepFrom);
        }
    }

    [Theory, InlineData(2, 1), InlineData(8, 3)]
    public void Equal_the_composed_operations_where_panels_come_in_turn(int rows, int deepFrom)
    {
        using var scene = new Scene(devices.OpenOrSkip(DeviceKind.Cuda), Wide(rank: 31), ElementType.Bf16);
        Verify(scene, rows, deepFrom);
    }

    // Every pass begins with what the one before has made, so reduced inputs of another launch or of the last replay would change everything.
    [Theory, InlineData(1, 0), InlineData(2, 1), InlineData(8, 3)]
    public void Replays_are_what_plain_launches_are(int rows, int deepFrom)
    {
        const int Passes = 50;
        using var scene = new Scene(devices.OpenOrSkip(DeviceKind.Cuda), Large(rank: 32), ElementType.Bf16);
        scene.Prepare(rows, deepFrom);
        scene.Fill(seed: 1);
        for (var pass = 0; pass < Passes; pass++) scene.Layer();
        var expected = scene.Read();
        using var graph = CudaGraph.Record(scene.Device, () => scene.Layer());
        scene.Fill(seed: 1);
        for (var pass = 0; pass < Passes; pass++) graph.Launch();
        var actual = scene.Read();
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i]);
            Assert.DoesNotContain(float.NaN, actual[i]);
        }
    }

    [Fact]
    public void Reduced_inputs_of_the_largest_rank_leave_room_for_a_panel()
    {
        foreach (var rows in (int[])[1, 2, 4, 8])
        {
            var product = MatVecTask.Of(rows, 20_000, pairs: 8, compiledRows: rows, true, true, multiprocessors: 132, epsilon: null);
            var reduced = new ReducedRows(0, 0, 0, 1, 1, 1, Count: 3, LoraMatVecTask.MostRank, FromRow: 0, default);
            var task = LoraMatVecTask.Of(product, reduced, rows, CudaGeneration.Turing);
            Assert.InRange(task.Product.PanelOctets, MatVec.BatchOctets, int.MaxValue);
            Assert.InRange(task.Room(rows), 0, LoraMatVecTask.LeastRoom);
        }
    }

    private static ModelShape Shape(int hidden, int ffn, int heads, int kvHeads, int headDim, int rank) =>
        new(Layers: 1, hidden, ffn, heads, kvHeads, headDim, Vocab: 30, Depths: 2, rank, Epsilon: 1e-6f, RopeTheta: 1e6);

    private static void Verify(Scene scene, int rows, int deepFrom)
    {
        scene.Prepare(rows, deepFrom);
        scene.Fill(seed: 1);
        scene.Composed();
        var expected = scene.Read();
        scene.Fill(seed: 1);
        scene.Operations();
        var actual = scene.Read();
        // Terms of either sign: a sum of n of them is about as large as sqrt(n), and so is what its partial sums, which are rounded, add up to for
        // each of the n. What an update adds goes through two sums, and an activation is a product of two.
        var shape = scene.Shape;
        var terms = Math.Max(shape.Ffn, Math.Max(shape.Hidden, shape.Heads * shape.HeadDim)) + shape.LoraRank;
        for (var i = 0; i < expected.Length; i++)
            Near.RelativeL2(
                expected[i], actual[i], 30 * Math.Sqrt(terms) * Math.Pow(2, -24), $"output {i}, {rows} rows, deep from {deepFrom}, {shape}");
    }

    /// <summary>A layer, its inputs and its outputs.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly RandomLayer _layer;
        private readonly LayerWeights _weights;
        private readonly ComposedOperations _composed;
        private readonly LoraMatVec _lora;
        private readonly RowTable _rows;
        private readonly FloatBuffer _x;
        private readonly int _width;
        private Poisoned[] _outputs = []; // query, key, value, two residual streams, activations
        private RmsNormShape _norm;

        public Scene(ComputeDevice device, ModelShape shape, ElementType type)
        {
            (Device, Shape) = (device, shape);
            _composed = new ComposedOperations(device, shape, MatVec.MaxRows, maxSampled: 1, portableProducts: true);
            _layer = new RandomLayer(device, shape, type);
            _weights = _layer.Weights;
            _rows = new RowTable(device, MatVec.MaxRows, shape.Depths);
            _lora = new LoraMatVec(device, shape.LoraRank);
            _width = Math.Max(shape.Heads * shape.HeadDim, Math.Max(shape.Hidden, shape.Ffn));
            _x = device.AllocateFloats(MatVec.MaxRows * _width);
        }

        public ComputeDevice Device { get; }

        public ModelShape Shape { get; }

        private QkvBuffers Qkv => new(_outputs[0].View, _outputs[1].View, _outputs[2].View);

        private int DeepFrom => _rows.DeepFrom;

        /// <summary>Makes room for a pass.</summary>
        public void Prepare(int rows, int deepFrom)
        {
            foreach (var output in _outputs) output.Dispose();
            int query = Shape.Heads * Shape.HeadDim, key = Shape.KvHeads * Shape.HeadDim;
            int[] widths = [query, key, key, Shape.Hidden, Shape.Hidden, Shape.Ffn];
            _outputs = [.. widths.Select(width => new Poisoned(Device, rows * width))];
            _norm = new RmsNormShape(rows, Shape.Hidden, Shape.Epsilon);
            Row[] table = [.. Enumerable.Range(0, rows).Select(i => new Row(0, i, i < deepFrom ? 0 : 1, 0, i, i, WantsLogits: false))];
            _rows.Upload(table, new int[rows * Shape.Depths]);
            Assert.True(_lora.Takes(rows, _weights.Query, _weights.Key, _weights.Value) && _lora.Takes(rows, _weights.Gate, _weights.Up));
            Assert.True(_lora.Takes(rows, _weights.Down) && _lora.Takes(rows, _weights.Output));
        }

        /// <summary>New inputs. What is replaced is poisoned, what is added to has the beginning of the inputs.</summary>
        public void Fill(int seed)
        {
            _x.View.BaseView.CopyFromCPU(RandomData.Uniform(seed, MatVec.MaxRows * _width));
            foreach (var output in _outputs) output.Poison();
            foreach (var added in _outputs[3..5]) _x.View.BaseView.SubView(0, _rows.Count * Shape.Hidden).CopyTo(added.View);
            Device.Synchronize();
        }

        /// <summary>Each operation on the inputs.</summary>
        public void Operations()
        {
            _lora.BeginPass();
            _lora.NormProjectQkv(_x.View, _weights, Qkv, _norm, DeepFrom);
            _lora.ProjectAdd(_x.View, _weights.Output, _outputs[3].View, _rows.Count, DeepFrom);
            _lora.NormGateUp(_x.View, _weights, _outputs[5].View, _norm, DeepFrom);
            _lora.ProjectAdd(_x.View, _weights.Down, _outputs[4].View, _rows.Count, DeepFrom);
        }

        /// <summary>The same of the composed operations.</summary>
        public void Composed()
        {
            _composed.NormProjectQkv(_x.View, _weights, _rows, Qkv);
            _composed.ProjectAdd(Input(_weights.Output), _weights.Output, _rows, _outputs[3].View);
            using var activated = new Activations(Device, _rows.Count, Shape.Ffn, ElementType.F32);
            _composed.NormGateUp(_x.View, _weights, _rows, activated);
            activated.Singles.SubView(0, _rows.Count * Shape.Ffn).CopyTo(_outputs[5].View);
            _composed.ProjectAdd(Input(_weights.Down), _weights.Down, _rows, _outputs[4].View);
            Device.Synchronize();
        }

        /// <summary>The operations one behind the other, on the residual stream.</summary>
        public void Layer()
        {
            _lora.BeginPass();
            _lora.NormProjectQkv(_outputs[3].View, _weights, Qkv, _norm, DeepFrom);
            _lora.ProjectAdd(_outputs[0].View, _weights.Output, _outputs[3].View, _rows.Count, DeepFrom);
            _lora.NormGateUp(_outputs[3].View, _weights, _outputs[5].View, _norm, DeepFrom);
            _lora.ProjectAdd(_outputs[5].View, _weights.Down, _outputs[3].View, _rows.Count, DeepFrom);
        }

        public float[][] Read()
        {
            Device.Synchronize();
            return [.. _outputs.Select(output => output.Read())];
        }

        public void Dispose()
        {
            Device.Synchronize();
            foreach (var output in _outputs) output.Dispose();
            foreach (var owned in new IDisposable[] { _x, _lora, _rows, _layer, _composed }) owned.Dispose();
        }

        private Activations Input(Projection projection)
        {
            var input = new Activations(Device, _rows.Count, projection.Weight.Columns, ElementType.F32);
            _x.View.BaseView.SubView(0, _rows.Count * projection.Weight.Columns).CopyTo(input.FillSingles());
            Device.Synchronize();
            return input;
        }
    }
}
