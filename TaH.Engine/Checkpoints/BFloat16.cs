namespace TaH.Engine;

/// <summary>Conversions between float32 and bfloat16, as PyTorch makes them.</summary>
internal static class BFloat16
{
    /// <summary>Widens the sixteen bits; exact.</summary>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Rounds to the nearest bfloat16, ties to even; a NaN becomes the quiet NaN 0x7FC0.</summary>
    public static ushort FromSingle(float value)
    {
        if (float.IsNaN(value)) return 0x7FC0;
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The float32 that is left after a visit to bfloat16.</summary>
    public static float Round(float value) => ToSingle(FromSingle(value));
}
