namespace TaH.Tests;

/// <summary>
/// What a decode step costs besides its layers, on the first card: nothing is asserted. Asked for by
/// <c>-class TaH.Tests.TailTimings -explicit on</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class TailTimings(TestDevices devices)
{
    private const int Vocab = 151_936;
    private const int TopK = 100;
    private const int MostRows = 64;
    private const int Samples = 21;

    // The shapes of 1.7B and of 0.6B, with the release's deciders.
    [Theory(Explicit = true), InlineData(2048, 4, 512), InlineData(1024, 5, 256)]
    public void Print(int hidden, int taps, int width)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var scene = new Scene(device, hidden, taps, width);
        Console.WriteLine(
            $"{device.Info.Name}, hidden {hidden}: medians of {Samples} graph replays, us a launch; ten launches a graph, early starts on");
        foreach (var rows in (int[])[1, 8, MostRows]) scene.Print(rows);
    }

    /// <summary>Buffers of a model's shape and the operations on them.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly ComputeDevice _device;
        private readonly List<IDisposable> _owned = [];
        private readonly CudaOperations _operations;
        private readonly ComposedOperations _portable;
        private readonly NormHeadAccumulateMatVec _product;
        private readonly HeadWeights _head;
        private readonly DeciderModel _decider;
        private readonly LogitsState _logits;
        private readonly RowTable _rows;
        private readonly Floats _x, _normed, _raw, _decisions;
        private readonly Floats[] _taps;
        private readonly IntBuffer _tokens;

        public Scene(ComputeDevice device, int hidden, int taps, int width)
        {
            _device = device;
            var shape = new ModelShape(
                Layers: 28, hidden, Ffn: 3 * hidden, Heads: 16, KvHeads: 8, HeadDim: 128, Vocab, Depths: 2, LoraRank: 0, Epsilon: 1e-6f,
                RopeTheta: 1e6);
            _operations = Own(new CudaOperations(device, shape, MostRows, MostRows));
            _product = new NormHeadAccumulateMatVec(device);
            _portable = Own(new ComposedOperations(device, shape, MostRows, MostRows));
            _head = new HeadWeights(
                Own(device.Copy([.. Enumerable.Repeat(1f, hidden)])),
                Own(new RandomWeights(device).Make(Vocab, hidden, 4 / MathF.Sqrt(hidden), seed: 1)));
            var config = new DeciderConfig
            {
                HiddenSize = hidden, HiddenLayers = [.. Enumerable.Range(1, taps)], HiddenDims = [.. Enumerable.Repeat(width, 6)],
            };
            var tensors = DeciderTensors.Of(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            var weights = Own(new GoldenDeciderWeights(device, name => tensors.TryGetValue(name, out var dimensions)
                ? ([.. Random(name, dimensions).Select(config.Round)], [.. dimensions])
                : null));
            _decider = weights.Model(TopK, normalizeInput: false);
            _logits = Own(new LogitsState(device, MostRows, Vocab, TopK));
            _rows = Own(new RowTable(device, MostRows, depths: 2));
            Floats Rows(int width) => Own(device.Copy(RandomData.Uniform(width, MostRows * width))).View.BaseView;
            (_x, _normed, _raw, _decisions) = (Rows(hidden), Rows(hidden), Rows(Vocab), Rows(1));
            _taps = [.. Enumerable.Range(0, taps).Select(_ => Rows(hidden))];
            _tokens = Own(device.AllocateInts(MostRows));
        }

        public void Print(int rows)
        {
            Upload(rows, depth: 0);
            var (sampled, greedy) = (Requests(rows, temperature: 0.6f), Requests(rows, temperature: 0f));
            Print(rows, "embedding of tokens", Time(() => _operations.Embed(_head.Head, _rows, _logits, TopK, _x)));
            Print(rows, "tap", Time(() => _operations.Tap(_x, _rows, _taps[0])));
            var head = rows <= MatVec.MaxRows ? Time(Head) : double.NaN;
            Print(rows, "norm + head + sums", head);
            Print(rows, "and top-k", Time(HeadAndTopK));
            Print(rows, "head, tap", rows > MatVec.MaxRows ? double.NaN : Time(() =>
            {
                Head();
                _operations.Tap(_x, _rows, _taps[0]);
            }));
            var topK = new TopK(_device, TopKVariant.CudaBuckets);
            var sum = new LogitsSum(_device, LogitsSumVariant.CudaBuckets);
            Print(rows, "sums and maxima", Time(() => sum.Run(_raw, _rows, _logits)));
            Print(rows, "sums and maxima, top-k", Time(() =>
            {
                sum.Run(_raw, _rows, _logits);
                topK.Run(_rows, _logits);
            }));
            Print(rows, "top-k, portable", Time(() => _portable.TakeLargest(_rows, _logits)));
            Print(rows, "decider", Time(Decide));
            Print(rows, "decider, portable", Time(() => _portable.Decide(_decider, _taps, _rows, _logits, _decisions)));
            Print(rows, "draw", Draw(_operations, sampled));
            Print(rows, "greedy", Draw(_operations, greedy));
            Print(rows, "draw, portable", Draw(_portable, sampled));
            Print(rows, "head, top-k, decider, draw", Chain(sampled));
            Print(rows, "head, top-k, decider, greedy", Chain(greedy));
            Upload(rows, depth: 1);
            Print(rows, "soft embedding", Time(() => _operations.Embed(_head.Head, _rows, _logits, TopK, _x)));
        }

        private static void Print(int rows, string what, double microseconds) =>
            Console.WriteLine(FormattableString.Invariant($"{rows,4} | {what,-30} | {microseconds,9:f2}"));

        public void Dispose()
        {
            _device.Synchronize();
            foreach (var owned in Enumerable.Reverse(_owned)) owned.Dispose();
        }

        private void Upload(int rows, int depth)
        {
            Row[] all = [.. Enumerable.Range(0, rows).Select(row => new Row(0, row, depth, (row * 977) + 5, row, row, WantsLogits: true))];
            _rows.Upload(all, new int[2 * rows]);
        }

        private static SampleRequest[] Requests(int rows, float temperature) => [.. Enumerable.Range(0, rows).Select(
            row => new SampleRequest(row, temperature, TopK: 20, TopP: 0.95f, MinP: 0f, Uniform: 0.37f, Penalties: null))];

        private static float[] Random(string name, IReadOnlyList<int> shape) =>
            RandomData.Uniform(name.Length, shape.Aggregate(1, (a, b) => a * b), 1 / MathF.Sqrt(shape[^1]));

        private void Head() => _product.Run(_x, _head.Norm.View.BaseView, _head.Head, _rows, _raw, keepsRaw: false, _logits, 1e-6f);

        private void HeadAndTopK() => _operations.NormHeadAccumulate(_x, _head, _rows, _normed, _raw, HeadOutputs.None, _logits);

        private void Decide() => _operations.Decide(_decider, _taps, _rows, _logits, _decisions);

        private double Chain(SampleRequest[] requests)
        {
            var batch = _operations.UploadRequests(_logits, requests);
            return Time(() =>
            {
                HeadAndTopK();
                Decide();
                _operations.Draw(_logits, batch, _tokens.View);
            });
        }

        private double Draw(IOperations operations, SampleRequest[] requests)
        {
            var batch = operations.UploadRequests(_logits, requests);
            return Time(() => operations.Draw(_logits, batch, _tokens.View));
        }

        /// <summary>Microseconds of one of ten in a graph.</summary>
        private double Time(Action launches)
        {
            const int Repeats = 10;
            return GraphTimer.Median(_device, Several, Samples) / Repeats;

            void Several()
            {
                for (var i = 0; i < Repeats; i++) launches();
            }
        }

        private T Own<T>(T owned) where T : IDisposable
        {
            _owned.Add(owned);
            return owned;
        }
    }
}
