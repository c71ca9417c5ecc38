namespace TaH.Tests;

/// <summary>
/// The products of a pass of shallow, deep and mixed rows, one behind the other in a graph, on the first card: nothing is asserted. Asked for by
/// <c>-class TaH.Tests.LoraMatVecTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class LoraMatVecTimings(TestDevices devices)
{
    private const int Layers = 28;
    private const int Rank = 32;
    private const int Vocab = 128;
    private const int Samples = 21;

    [Theory(Explicit = true), InlineData("1.7B", 2048, 6144), InlineData("0.6B", 1024, 3072)]
    public void Print(string name, int hidden, int ffn)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var scene = new Scene(device, hidden, ffn);
        foreach (var (shallow, deep) in ((int, int)[])[(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (8, 0), (4, 4)])
            Console.WriteLine($"{name}, {shallow} shallow and {deep} deep rows, us a layer: {scene.Time(shallow, deep)}");
    }

    private sealed class Scene : IDisposable
    {
        private readonly ComputeDevice _device;
        private readonly ModelShape _shape;
        private readonly CudaOperations _operations;
        private readonly RandomWeights _random;
        private readonly List<IDisposable> _owned = [];
        private readonly LayerWeights[] _layers;
        private readonly RowTable _rows;
        private readonly LogitsState _logits;
        private readonly WeightMatrix _embedding;
        private readonly Floats _x, _query, _key, _value;
        private readonly Activations _mixed, _activated;

        public Scene(ComputeDevice device, int hidden, int ffn)
        {
            (_device, _random) = (device, new RandomWeights(device));
            _shape = new ModelShape(
                Layers, hidden, ffn, Heads: 16, KvHeads: 8, HeadDim: 128, Vocab, Depths: 2, Rank, Epsilon: 1e-6f, RopeTheta: 1e6f);
            _operations = Own(new CudaOperations(device, _shape, MatVec.MaxRows, maxSampled: 1));
            _layers = [.. Enumerable.Range(0, Layers).Select(_ => Layer())];
            _rows = Own(new RowTable(device, MatVec.MaxRows, _shape.Depths));
            _logits = Own(new LogitsState(device, MatVec.MaxRows, Vocab, 8));
            _embedding = Weight(Vocab, hidden);
            (_x, _query, _key, _value) = (Rows(hidden), Rows(2048), Rows(1024), Rows(1024));
            _mixed = Own(new Activations(device, MatVec.MaxRows, 2048, ElementType.Bf16));
            _activated = Own(new Activations(device, MatVec.MaxRows, ffn, ElementType.Bf16));
            _mixed.FillSingles();
            _activated.FillSingles();
        }

        public string Time(int shallow, int deep)
        {
            Row[] table = [.. Enumerable.Range(0, shallow + deep).Select(i => new Row(0, i, i < shallow ? 0 : 1, 0, i, i, WantsLogits: false))];
            _rows.Upload(table, new int[table.Length * _shape.Depths]);
            var parts = new (string Name, Action<LayerWeights> Run)[]
            {
                ("qkv", Qkv), ("out", Out), ("gate up", GateUp), ("down", Down), ("chain", layer =>
                {
                    Qkv(layer);
                    Out(layer);
                    GateUp(layer);
                    Down(layer);
                }),
            };
            return string.Join(", ", parts.Select(part =>
            {
                var time = GraphTimer.Median(_device, () => Pass(part.Run), Samples) / Layers;
                return FormattableString.Invariant($"{part.Name} {time:F2}");
            }));
        }

        public void Dispose()
        {
            _device.Synchronize();
            foreach (var owned in Enumerable.Reverse(_owned)) owned.Dispose();
        }

        private void Pass(Action<LayerWeights> layers)
        {
            _operations.Embed(_embedding, _rows, _logits, softTopK: 8, _x);
            foreach (var layer in _layers) layers(layer);
        }

        private void Qkv(LayerWeights layer) => _operations.NormProjectQkv(_x, layer, _rows, new QkvBuffers(_query, _key, _value));

        private void Out(LayerWeights layer) => _operations.ProjectAdd(_mixed, layer.Output, _rows, _x);

        private void GateUp(LayerWeights layer) => _operations.NormGateUp(_x, layer, _rows, _activated);

        private void Down(LayerWeights layer) => _operations.ProjectAdd(_activated, layer.Down, _rows, _x);

        private LayerWeights Layer()
        {
            int hidden = _shape.Hidden, ffn = _shape.Ffn;
            FloatBuffer Norm(int length) => Own(_device.Copy([.. Enumerable.Repeat(1f, length)]));
            Projection Project(int outputs, int inputs) =>
                new(Weight(outputs, inputs), new LoraPair(Weight(Rank, inputs), Weight(outputs, Rank), Scale: 2));
            return new LayerWeights(
                Norm(hidden), Project(2048, hidden), Project(1024, hidden), Project(1024, hidden), Norm(128), Norm(128), Project(hidden, 2048),
                Norm(hidden), Project(ffn, hidden), Project(ffn, hidden), Project(hidden, ffn));
        }

        private WeightMatrix Weight(int rows, int columns)
        {
            var made = _random.Make(rows, columns, 1f / columns, seed: (uint)_owned.Count);
            _owned.Add(made);
            return made;
        }

        private Floats Rows(int width) => Own(_device.Copy(RandomData.Uniform(width, MatVec.MaxRows * width))).View.BaseView;

        private T Own<T>(T owned) where T : IDisposable
        {
            _owned.Add(owned);
            return owned;
        }
    }
}
