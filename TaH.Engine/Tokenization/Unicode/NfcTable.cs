using System.Collections;

namespace TaH.Engine;

/// <summary>What canonical normalisation must know of the Unicode Character Database; make_nfc_table.py beside this file writes it.</summary>
internal static class NfcTable
{
    private static readonly Dictionary<int, byte> CombiningClasses = [];
    private static readonly Dictionary<int, (int First, int Second)> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly BitArray Inert = new(0x110000, defaultValue: true);

    static NfcTable()
    {
        using var stream = typeof(NfcTable).Assembly.GetManifestResourceStream("TaH.Engine.nfc.bin")!;
        using var reader = new BinaryReader(stream);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var entry = reader.ReadUInt32();
            CombiningClasses[(int)(entry >> 8)] = (byte)entry;
            Inert[(int)(entry >> 8)] = false;
        }

        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var entry = reader.ReadUInt32();
            var (composed, neverComposed) = ((int)(entry & 0x7FFFFFFF), (entry >> 31) != 0);
            var parts = (First: reader.ReadInt32(), Second: reader.ReadInt32());
            Decompositions[composed] = parts;
            if (neverComposed) Inert[composed] = false;
            else (Compositions[parts], Inert[parts.Second]) = (composed, false);
        }

        for (var vowel = 0; vowel < Hangul.Vowels; vowel++) Inert[Hangul.FirstVowel + vowel] = false;
        for (var trailing = 1; trailing < Hangul.Trailings; trailing++) Inert[Hangul.BeforeTrailing + trailing] = false;
    }

    /// <summary>Whether NFC keeps this code point as it is whatever precedes it, so that a text of such code points is NFC already.</summary>
    public static bool IsInert(int codePoint) => Inert[codePoint];

    /// <summary>Canonical combining class; 0: a starter.</summary>
    public static byte CombiningClass(int codePoint) => CombiningClasses.GetValueOrDefault(codePoint);

    /// <summary>The one or two code points that this one is canonically equal to.</summary>
    public static bool TryDecompose(int codePoint, out int first, out int second)
    {
        var found = Decompositions.TryGetValue(codePoint, out var parts);
        (first, second) = parts;
        return found;
    }

    /// <summary>The code point that two canonically make up.</summary>
    public static bool TryCompose(int first, int second, out int composed) => Compositions.TryGetValue((first, second), out composed);
}
