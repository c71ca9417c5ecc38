using ILGPU;

namespace TaH.Kernels;

/// <summary>Moments in a byte each, with a scale a block; one piece of memory, so that a checkpoint keeps it as it is.</summary>
/// <param name="Scales">[blocks]: the moment that a code of 1 stands for.</param>
/// <param name="Codes">[parameters]: <see cref="LittleFloats"/>.</param>
public readonly record struct QuantizedMoments(Floats Scales, ArrayView<byte> Codes)
{
    /// <summary>Parameters that share a scale.</summary>
    public const int Block = 256;

    /// <summary>Floats that the memory of so many moments takes.</summary>
    /// <param name="parameters">How many.</param>
    public static long FloatsFor(long parameters) => Blocks(parameters) + ((parameters + sizeof(float) - 1) / sizeof(float));

    /// <summary>Moments in a piece of memory.</summary>
    /// <param name="memory">As long as <see cref="FloatsFor"/> says; zeros are moments of zero.</param>
    /// <param name="parameters">How many.</param>
    public static QuantizedMoments In(Floats memory, long parameters)
    {
        ShapeException.ThrowIfShorter(memory, FloatsFor(parameters), nameof(memory));
        var blocks = Blocks(parameters);
        return new QuantizedMoments(memory.SubView(0, blocks), memory.SubView(blocks, memory.Length - blocks).Cast<byte>().SubView(0, parameters));
    }

    /// <summary>Blocks of so many parameters.</summary>
    internal static long Blocks(long parameters) => (parameters + Block - 1) / Block;
}
