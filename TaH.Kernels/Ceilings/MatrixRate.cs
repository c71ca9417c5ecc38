using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// What this engine's own matrix product reaches at a large shape, with bfloat16 weights, through the operations that serve models. It is no limit of
/// the hardware: a better kernel raises it.
/// </summary>
public static class MatrixRate
{
    // Long enough to find a moment in which a shared machine is quiet.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The shape that is measured: large on a card, and on processors one that a slow kernel finishes, too.</summary>
    public static MatMulShape ShapeFor(ComputeDevice device) => device.Info.IsGpu ? new(4096, 4096, 4096) : new(512, 2048, 2048);

    /// <summary>Floating-point operations a second; the best round of a second.</summary>
    /// <param name="device">What is measured.</param>
    public static double Measure(ComputeDevice device) => Measure(device, ShapeFor(device), Patience);

    internal static double Measure(ComputeDevice device, MatMulShape shape, TimeSpan patience)
    {
        var model = new ModelShape(
            Layers: 1, shape.Outer, shape.Inner, Heads: shape.Inner / 128, KvHeads: 1, HeadDim: 128, Vocab: 1024, Depths: 1, LoraRank: 0, 1e-6f, 1e6);
        using var operations = Backend.Create(device, model, shape.Rows, maxSequences: 1);
        using var rows = new RowTable(device, shape.Rows, depths: 1);
        rows.Upload([.. Enumerable.Range(0, shape.Rows).Select(row => new Row(0, row, 0, 0, 0, row, WantsLogits: false))], new int[shape.Rows]);
        using var weight = new RandomWeights(device).Make(shape.Outer, shape.Inner, bound: 1, seed: 1);
        // Ones would let a processor that skips or saves on equal bits look better than it is.
        using var input = new Activations(device, shape.Rows, shape.Inner, ElementType.Bf16);
        input.FillSingles().CopyFromCPU(device.Accelerator.DefaultStream, Spread((long)shape.Rows * shape.Inner));
        using var output = device.Upload(new float[(long)shape.Rows * shape.Outer]);
        var projection = new Projection(weight, Lora: null);
        void Multiply()
        {
            operations.ProjectAdd(input, projection, rows, output.View.BaseView);
            device.Synchronize();
        }
        return shape.Flops / BestTime.Of(Multiply, patience);
    }

    private static float[] Spread(long length)
    {
        var values = new float[length];
        for (var i = 0; i < values.Length; i++) values[i] = (i * 0.618034f % 1f) - 0.5f;
        return values;
    }
}
