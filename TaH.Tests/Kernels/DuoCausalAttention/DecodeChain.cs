using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Attention of rows that do not see each other, with its new entries.</summary>
internal delegate void DecodeAttention(
    QkvBuffers qkv, Floats queryNorm, Floats keyNorm, RopeTable rope, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed,
    DuoCausalAttentionShape shape, float epsilon);

/// <summary>The products in front of attention and behind it, with the heads of Qwen3-1.7B, every layer with its own weights.</summary>
internal sealed class DecodeChain : IDisposable
{
    private const int Hidden = 2048;
    private const int MaxRows = 128;

    private readonly NormProjectQkvMatVec _project;
    private readonly MatVecLaunches<ProjectedRows> _out;
    private readonly FloatBuffer _x;
    private readonly FloatBuffer _gain;
    private readonly FloatBuffer[] _qkv;
    private readonly FloatBuffer _mixed;
    private readonly float[] _start = RandomData.Uniform(1, MatVec.MaxRows * Hidden);
    private readonly (WeightMatrix Query, WeightMatrix Key, WeightMatrix Value, WeightMatrix Out)[] _layers;

    public DecodeChain(ComputeDevice device, int layers)
    {
        var random = new RandomWeights(device);
        WeightMatrix Weight(int rows, int i) => random.Make(rows, Hidden, 1 / MathF.Sqrt(Hidden), (uint)i);
        (_project, _out) = (new NormProjectQkvMatVec(device), new MatVecLaunches<ProjectedRows>(device));
        _layers = [.. Enumerable.Range(0, layers).Select(i => (Weight(2048, i), Weight(1024, i + 99), Weight(1024, i + 198), Weight(2048, i + 297)))];
        _x = device.Copy(_start);
        _gain = device.Copy(RandomData.Uniform(2, Hidden));
        _qkv = [.. new[] { 16, 8, 8 }.Select((heads, i) => device.Copy(RandomData.Uniform(3 + i, MaxRows * heads * 128)))];
        _mixed = device.Copy(RandomData.Uniform(7, MaxRows * 16 * 128));
    }

    /// <summary>Attention of each layer, nothing between.</summary>
    public void Attend(DecodeContext context, DecodeAttention attention)
    {
        for (var layer = 0; layer < _layers.Length; layer++) Attend(context, attention, layer);
    }

    /// <summary>For each layer q, k and v, attention if it is given, and the projection of its results.</summary>
    public void Run(DecodeContext context, DecodeAttention? attention)
    {
        var rows = context.Shape.Rows;
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var (query, key, value, output) = _layers[layer];
            _project.Run(_x.View, _gain.View, query, key, value, Qkv, new RmsNormShape(rows, Hidden, 1e-6f));
            if (attention is not null) Attend(context, attention, layer);
            var task = new MatMulTask(rows, output.Columns, output.Rows, Alpha: 1, Accumulate: 1, AddBias: 0);
            var pairs = ProjectedRows.Of(output, _x.View, _x.View, task);
            _out.Run(_mixed.View, null, output.Type, pairs, pairs.Pairs, rows, output.Columns);
        }
    }

    /// <summary>Puts x where it was at first.</summary>
    public void Rewind() => _x.View.BaseView.SubView(0, _start.Length).CopyFromCPU(_start);

    /// <summary>x of some rows.</summary>
    public float[] Read(int rows)
    {
        var x = new float[rows * Hidden];
        _x.View.BaseView.SubView(0, x.Length).CopyToCPU(x);
        return x;
    }

    public void Dispose()
    {
        foreach (var (query, key, value, output) in _layers)
            foreach (var weight in (WeightMatrix[])[query, key, value, output]) weight.Dispose();
        foreach (var buffer in (FloatBuffer[])[.. _qkv, _x, _gain, _mixed]) buffer.Dispose();
    }

    private QkvBuffers Qkv => new(_qkv[0].View, _qkv[1].View, _qkv[2].View);

    private void Attend(DecodeContext context, DecodeAttention attention, int layer) => attention(
        Qkv, _gain.View, _gain.View, context.Rope, context.Rows, context.Layer(layer), context.Tables, _mixed.View, context.Shape, 1e-6f);
}
