namespace TaH.Kernels;

/// <summary>
/// A counter-based generator: four random words from a counter and a key, without a state, so that any of them can be had again at any time, on any
/// device.
/// </summary>
/// <remarks>Source: Philox 4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
internal static class Philox
{
    private const uint Multiplier0 = 0xd2511f53u;
    private const uint Multiplier1 = 0xcd9e8d57u;
    private const uint KeyStep0 = 0x9e3779b9u; // the golden ratio
    private const uint KeyStep1 = 0xbb67ae85u; // the root of three

    /// <summary>The words of a counter under a key of two words.</summary>
    public static PhiloxWords Of(PhiloxWords counter, uint key0, uint key1)
    {
        // Ten rounds, written out, so that they are straight code on every device.
        var words = Round(counter, key0, key1);
        words = Round(words, key0 + KeyStep0, key1 + KeyStep1);
        words = Round(words, key0 + unchecked(2u * KeyStep0), key1 + unchecked(2u * KeyStep1));
        words = Round(words, key0 + unchecked(3u * KeyStep0), key1 + unchecked(3u * KeyStep1));
        words = Round(words, key0 + unchecked(4u * KeyStep0), key1 + unchecked(4u * KeyStep1));
        words = Round(words, key0 + unchecked(5u * KeyStep0), key1 + unchecked(5u * KeyStep1));
        words = Round(words, key0 + unchecked(6u * KeyStep0), key1 + unchecked(6u * KeyStep1));
        words = Round(words, key0 + unchecked(7u * KeyStep0), key1 + unchecked(7u * KeyStep1));
        words = Round(words, key0 + unchecked(8u * KeyStep0), key1 + unchecked(8u * KeyStep1));
        return Round(words, key0 + unchecked(9u * KeyStep0), key1 + unchecked(9u * KeyStep1));
    }

    private static PhiloxWords Round(PhiloxWords words, uint key0, uint key1)
    {
        ulong product0 = (ulong)Multiplier0 * words.A, product1 = (ulong)Multiplier1 * words.C;
        return new PhiloxWords(
            (uint)(product1 >> 32) ^ words.B ^ key0, (uint)product1, (uint)(product0 >> 32) ^ words.D ^ key1, (uint)product0);
    }
}

/// <summary>Four words: a counter, or what is made of it.</summary>
internal readonly record struct PhiloxWords(uint A, uint B, uint C, uint D);
