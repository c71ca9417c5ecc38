using ILGPU;

namespace TaH.Kernels;

/// <summary>The order of floats as an order of unsigned integers, which thresholds can be bisected on bit by bit.</summary>
internal static class OrderedBits
{
    /// <summary>What every NaN maps to: above infinity, as in torch.topk and torch.argmax.</summary>
    public const uint OfNaN = uint.MaxValue;

    /// <summary>A larger float gives a larger key; zeros of both signs give the same, and so do all NaN.</summary>
    public static uint Of(float value)
    {
        var bits = Interop.FloatAsInt(value);
        var magnitude = bits & 0x7fffffffu;
        if (magnitude > 0x7f800000u) return OfNaN;
        if (magnitude == 0u) return 0x80000000u;
        return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
    }

    /// <summary>The float of a key; what lies between the keys of floats (there is only NaN) is not asked for.</summary>
    public static float ToFloat(uint key) => Interop.IntAsFloat((key & 0x80000000u) != 0u ? key & 0x7fffffffu : ~key);
}
