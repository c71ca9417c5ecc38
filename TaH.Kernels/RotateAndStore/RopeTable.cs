using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The cosines and sines of the rotary embedding, [positions, headDim]: per position headDim / 2 cosines, then as many sines. Made on the host, so
/// that every device rotates by exactly the same angles.
/// </summary>
/// <remarks>
/// Source: Qwen3RotaryEmbedding of transformers, whose roundings are kept: 1 / theta^(2i / headDim) in f32, times the position in f32. Only then the
/// cosine is taken (here in double, rounded once), so that angles agree at any position.
/// </remarks>
public sealed class RopeTable : IDisposable
{
    private const int LeastPositions = 512;

    private readonly ComputeDevice _device;
    private readonly float[] _frequencies;
    private FloatBuffer? _buffer;

    /// <summary>An empty table.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="headDim">Elements of a head; even.</param>
    /// <param name="theta">Base of the wavelengths.</param>
    public RopeTable(ComputeDevice device, int headDim, double theta)
    {
        if (headDim <= 0 || headDim % 2 != 0) throw new ArgumentException($"rotary embedding needs an even head_dim, not {headDim}", nameof(headDim));
        _device = device;
        HeadDim = headDim;
        _frequencies = [.. Enumerable.Range(0, headDim / 2).Select(i => Frequency(theta, 2f * i / headDim))];
    }

    /// <summary>Elements of a head.</summary>
    public int HeadDim { get; }

    /// <summary>Positions that the table holds.</summary>
    public int Positions { get; private set; }

    /// <summary>[positions, headDim]: cosines, then sines, of every position.</summary>
    public Floats View => _buffer is null ? default : _buffer.View.BaseView;

    /// <summary>
    /// Makes room for positions up to <paramref name="positions"/> (exclusive). Allocates and waits when it has to grow, at least to twice its size.
    /// </summary>
    public void Reserve(int positions)
    {
        if (positions <= Positions) return;
        var grown = (int)Math.Max(positions, Math.Min(Math.Max(LeastPositions, 2L * Positions), int.MaxValue));
        var values = new float[checked((long)grown * HeadDim)];
        Parallel.For(0, grown, position => Fill(values.AsSpan(position * HeadDim, HeadDim), position));
        _device.ReplaceMemory(); // a launched kernel may still read the old table
        _buffer?.Dispose();
        _buffer = _device.AllocateFloats(values.Length);
        _buffer.View.BaseView.CopyFromCPU(_device.Accelerator.DefaultStream, values);
        _device.Synchronize();
        Positions = grown;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();

    private static float Frequency(double theta, float exponent) => 1f / (float)Math.Pow(theta, exponent);

    private void Fill(Span<float> line, int position)
    {
        var half = HeadDim / 2;
        for (var i = 0; i < half; i++)
        {
            var (sin, cos) = Math.SinCos(position * _frequencies[i]);
            line[i] = (float)cos;
            line[half + i] = (float)sin;
        }
    }
}
