using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>How SIMD kernels read stored elements: the vector sister of <see cref="IElementFormat{TStored}"/>.</summary>
/// <typeparam name="TStored">What memory holds: <c>float</c> or <c>ushort</c>.</typeparam>
internal unsafe interface ILaneFormat<TStored> where TStored : unmanaged
{
    /// <summary>As many elements as the vector has lanes.</summary>
    static abstract TLanes Load<TLanes>(TStored* source) where TLanes : struct, ILanes<TLanes>;

    /// <summary>One element.</summary>
    static abstract float Widen(TStored stored);
}

/// <summary>Singles.</summary>
internal readonly unsafe struct SingleLanes : ILaneFormat<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(float* source) where TLanes : struct, ILanes<TLanes> => TLanes.Load(source);

    public static float Widen(float stored) => stored;
}

/// <summary>bfloat16.</summary>
internal readonly unsafe struct Bfloat16Lanes : ILaneFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source) where TLanes : struct, ILanes<TLanes> => TLanes.LoadBfloat16(source);

    public static float Widen(ushort stored) => BitConverter.UInt32BitsToSingle((uint)stored << 16);
}

/// <summary>Halves.</summary>
internal readonly unsafe struct HalfLanes : ILaneFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source) where TLanes : struct, ILanes<TLanes> => TLanes.LoadHalf(source);

    public static float Widen(ushort stored) => (float)BitConverter.UInt16BitsToHalf(stored);
}
