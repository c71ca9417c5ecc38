namespace TaH.Kernels;

/// <summary>
/// Where the parts of a split attention leave their results: per part headDim unscaled sums, then the largest score and the sum of weights.
/// </summary>
internal sealed class DuoCausalAttentionPartials(ComputeDevice device) : IDisposable
{
    /// <summary>What a part leaves besides its sums: the largest score and the sum of weights.</summary>
    public const int Extra = 2;

    // Enough groups to keep every multiprocessor of a large GPU busy with four.
    private const int TargetGroups = 512;

    private FloatBuffer? _buffer;

    /// <summary>[parts, headDim + <see cref="Extra"/>].</summary>
    public Floats View => _buffer!.View.BaseView;

    /// <summary>Parts that the entries of each of so many heads are cut into.</summary>
    public static int SplitsFor(int heads) => Math.Max(1, TargetGroups / heads);

    /// <summary>Makes room. Allocates and waits only when more is needed than ever before.</summary>
    public void Reserve(long parts, int headDim)
    {
        var length = parts * (headDim + Extra);
        if (_buffer?.Length >= length) return;
        device.ReplaceMemory();
        _buffer?.Dispose();
        _buffer = device.AllocateFloats(length);
    }

    public void Dispose() => _buffer?.Dispose();
}
