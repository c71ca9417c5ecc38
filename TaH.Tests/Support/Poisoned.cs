using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// An output buffer full of NaN, with guard elements on both sides: what nobody writes cannot pass, and what is written outside is seen.
/// </summary>
internal sealed class Poisoned : IDisposable
{
    private const int Guard = 64;
    private const uint Pattern = 0x7fc0dead;

    private readonly FloatBuffer _buffer;
    private readonly int _length;

    public Poisoned(ComputeDevice device, int length)
    {
        _length = length;
        _buffer = device.Copy(Poison(length));
    }

    public Floats View => _buffer.View.BaseView.SubView(Guard, _length);

    /// <summary>What was written, after checking that the guards are untouched.</summary>
    public float[] Read()
    {
        var all = _buffer.GetAsArray1D();
        for (var i = 0; i < Guard; i++)
        {
            Assert.True(BitConverter.SingleToUInt32Bits(all[i]) == Pattern, $"element {i - Guard} before the buffer was overwritten with {all[i]}");
            var behind = Guard + _length + i;
            Assert.True(
                BitConverter.SingleToUInt32Bits(all[behind]) == Pattern,
                $"element {_length + i} behind the buffer of {_length} was overwritten with {all[behind]}");
        }
        return all[Guard..(Guard + _length)];
    }

    /// <summary>Makes it as it was.</summary>
    public void Poison() => _buffer.View.BaseView.CopyFromCPU(Poison(_length));

    public void Dispose() => _buffer.Dispose();

    private static float[] Poison(int length) => [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(Pattern), length + (2 * Guard))];
}
