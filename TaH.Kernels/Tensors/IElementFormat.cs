using System.Runtime.CompilerServices;
using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Turns stored elements into f32 and back. A kernel takes the format as a type parameter, so that each format is a kernel of its own.
/// </summary>
/// <typeparam name="TStored">What memory holds: <c>float</c> or <c>ushort</c>.</typeparam>
internal interface IElementFormat<TStored> where TStored : unmanaged
{
    /// <summary>The value of a stored element.</summary>
    float Widen(TStored stored);

    /// <summary>The nearest stored element, ties to even.</summary>
    TStored Narrow(float value);
}

/// <summary>Single precision: stored as it is.</summary>
internal readonly struct SingleFormat : IElementFormat<float>
{
    public float Widen(float stored) => stored;

    public float Narrow(float value) => value;
}

/// <summary>bfloat16 as the upper 16 bits of a single.</summary>
internal readonly struct Bfloat16Format : IElementFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Widen(ushort stored) => Interop.IntAsFloat((uint)stored << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Narrow(float value)
    {
        var bits = Interop.FloatAsInt(value);
        // NaN keeps its sign and becomes quiet: rounding could carry it into infinity.
        if ((bits & 0x7fffffffu) > 0x7f800000u) return (ushort)((bits >> 16) | 0x40u);
        return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
}

/// <summary>Half precision by integer arithmetic: ILGPU's Half needs a device feature that PoCL lacks.</summary>
internal readonly struct HalfFormat : IElementFormat<ushort>
{
    public float Widen(ushort stored)
    {
        var sign = (uint)(stored & 0x8000) << 16;
        var exponent = (uint)(stored >> 10) & 0x1fu;
        var fraction = (uint)stored & 0x3ffu;
        if (exponent == 0x1fu) return Interop.IntAsFloat(sign | 0x7f800000u | (fraction << 13));
        if (exponent != 0) return Interop.IntAsFloat(sign | ((exponent + 112u) << 23) | (fraction << 13));
        // Subnormal: fraction * 2^-24 is exact in f32.
        var magnitude = fraction * (1f / 16777216f);
        return sign == 0 ? magnitude : -magnitude;
    }

    public ushort Narrow(float value)
    {
        var bits = Interop.FloatAsInt(value);
        var sign = (bits >> 16) & 0x8000u;
        var magnitude = bits & 0x7fffffffu;
        if (magnitude > 0x7f800000u) return (ushort)(sign | 0x7e00u);
        if (magnitude >= 0x477ff000u) return (ushort)(sign | 0x7c00u); // 65520 and above round to infinity
        if (magnitude >= 0x38800000u)
        {
            var rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
            return (ushort)(sign | ((rounded - 0x38000000u) >> 13));
        }
        // Subnormal half: adding 0.5 aligns the bits at 2^-24 and lets f32 addition round to even.
        var aligned = Interop.IntAsFloat(magnitude) + 0.5f;
        return (ushort)(sign | (Interop.FloatAsInt(aligned) - 0x3f000000u));
    }
}
