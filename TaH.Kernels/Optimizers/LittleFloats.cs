using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Numbers of a byte for the moments of <see cref="AdamW8Bit"/>: three bits of mantissa, the rest exponent, so that neighbours differ by an eighth at
/// the most wherever in the range they are. What is between two of them becomes the one or the other at random, right on average.
/// </summary>
/// <remarks>
/// A linear map would turn all but a block's largest second moments into zero, and a step is divided by their root. Rounding to the nearest would keep
/// a second moment where it is for good, since a step moves it by a thousandth of the way only.
/// </remarks>
internal static class LittleFloats
{
    /// <summary>The largest number of either kind: all bits one.</summary>
    public const float Largest = 1.875f;

    private const int MantissaBits = 3;
    private const int Shift = 23 - MantissaBits; // from the mantissa of a float
    private const int SignedExponents = 16; // four bits, and the sign
    private const int UnsignedExponents = 32; // five bits

    /// <summary>A first moment: sign, four bits of exponent.</summary>
    /// <param name="code">From <see cref="EncodeSigned"/>.</param>
    public static float DecodeSigned(byte code)
    {
        var value = Decode(code & 0x7F, SignedExponents);
        return (code & 0x80) == 0 ? value : -value;
    }

    /// <summary>A second moment: five bits of exponent.</summary>
    /// <param name="code">From <see cref="EncodeUnsigned"/>.</param>
    public static float DecodeUnsigned(byte code) => Decode(code, UnsignedExponents);

    /// <summary>Rounds a first moment.</summary>
    /// <param name="value">Between -<see cref="Largest"/> and <see cref="Largest"/>.</param>
    /// <param name="random">16 random bits.</param>
    public static byte EncodeSigned(float value, uint random)
    {
        var code = Encode(value < 0f ? -value : value, SignedExponents, random);
        return (byte)(value < 0f ? code | 0x80 : code);
    }

    /// <summary>Rounds a second moment, and one that is not zero never to zero.</summary>
    /// <param name="value">Between 0 and <see cref="Largest"/>.</param>
    /// <param name="random">16 random bits.</param>
    public static byte EncodeUnsigned(float value, uint random)
    {
        var code = Encode(value, UnsignedExponents, random);
        return (byte)(code == 0 && value > 0f ? 1 : code);
    }

    /// <summary>What separates the bits of a float from those of a code: the exponents of 1 are 127 and the last but one here.</summary>
    private static int Offset(int exponents) => (128 - exponents) << 23;

    /// <summary>The smallest number that is not zero; below eight of them numbers are evenly spaced.</summary>
    private static float Smallest(int exponents) => Interop.IntAsFloat((uint)((129 - exponents - MantissaBits) << 23));

    private static float Decode(int code, int exponents) => code < 1 << MantissaBits
        ? code * Smallest(exponents)
        : Interop.IntAsFloat((uint)((code << Shift) + Offset(exponents)));

    private static int Encode(float value, int exponents, uint random)
    {
        var smallest = Smallest(exponents);
        // Either way a fixed-point number of codes, whose fraction is the chance of the next code.
        var codes = value < smallest * (1 << MantissaBits)
            ? (int)(value / smallest * (1 << Shift))
            : (int)Interop.FloatAsInt(value) - Offset(exponents);
        var code = (codes + (int)(random << (Shift - 16))) >> Shift;
        var most = (exponents << MantissaBits) - 1;
        return code > most ? most : code;
    }
}
