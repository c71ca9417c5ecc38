namespace TaH.Kernels;

/// <summary>Random bits counted out for each parameter and step, the same whenever they are asked for.</summary>
/// <param name="Key">Of the step and of the parameters that are side by side.</param>
internal readonly record struct RoundingBits(uint Key)
{
    /// <summary>Those of a step.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="stream">Tells parameters apart that have the same numbers.</param>
    public static RoundingBits Of(long step, int stream) => new(Mix(((uint)step * 0x9E3779B9) ^ Mix((uint)stream + 0x85EBCA6B)));

    /// <summary>32 bits of a parameter.</summary>
    public uint Of(long parameter) => Mix((uint)parameter ^ Mix((uint)(parameter >> 32) ^ Key));

    /// <remarks>Source: lowbias32 of github.com/skeeto/hash-prospector.</remarks>
    private static uint Mix(uint value)
    {
        value ^= value >> 16;
        value *= 0x7FEB352D;
        value ^= value >> 15;
        value *= 0x846CA68B;
        return value ^ (value >> 16);
    }
}
