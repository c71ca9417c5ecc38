using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>128 bits: SSE2, NEON.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> value) : ILanes<Lanes128>
{
    private readonly Vector128<float> _value = value;

    public static int Count => Vector128<float>.Count;

    public static Lanes128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBfloat16(ushort* source) => new((Widen(source) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source)
    {
        var bits = Widen(source);
        var magnitude = (bits & Vector128.Create(0x7fffu)) << 13;
        // A multiplication by 2^112 moves the exponent and makes subnormal halves normal; infinities and NaN get the largest exponent back.
        var scaled = (magnitude.AsSingle() * BitConverter.UInt32BitsToSingle(0x77800000u)).AsUInt32();
        var special = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(0x0f800000u)) & Vector128.Create(0x7f800000u);
        return new((scaled | special | ((bits & Vector128.Create(0x8000u)) << 16)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, float* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 sum) => new(Vector128.MultiplyAddEstimate(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Add(Lanes128 a, Lanes128 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d)
    {
        // The two steps of a 4 x 4 transposition, adding on the way.
        var ac = Interleave.Low(a._value, c._value) + Interleave.High(a._value, c._value);
        var bd = Interleave.Low(b._value, d._value) + Interleave.High(b._value, d._value);
        return Interleave.Low(ac, bd) + Interleave.High(ac, bd);
    }

    /// <summary>Four rows of four to four columns of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Lanes128 C0, Lanes128 C1, Lanes128 C2, Lanes128 C3) Transpose(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d)
    {
        Vector128<float> ac = Interleave.Low(a._value, c._value), bd = Interleave.Low(b._value, d._value);
        Vector128<float> acHigh = Interleave.High(a._value, c._value), bdHigh = Interleave.High(b._value, d._value);
        return (
            new(Interleave.Low(ac, bd)), new(Interleave.High(ac, bd)),
            new(Interleave.Low(acHigh, bdHigh)), new(Interleave.High(acHigh, bdHigh)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(ushort* source) => Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)source).AsUInt16());
}
