namespace TaH.Engine;

/// <summary>Korean syllables compose by arithmetic instead of by table.</summary>
/// <remarks>Source: The Unicode Standard, section 3.12, "Conjoining Jamo Behavior".</remarks>
internal static class Hangul
{
    /// <summary>The first vowel (jungseong).</summary>
    public const int FirstVowel = 0x1161;

    /// <summary>Number of vowels.</summary>
    public const int Vowels = 21;

    /// <summary>One before the first trailing consonant (jongseong), so that offset 0 means none.</summary>
    public const int BeforeTrailing = 0x11A7;

    /// <summary>Number of trailing consonants, none included.</summary>
    public const int Trailings = 28;

    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int Leadings = 19;
    private const int Syllables = Leadings * Vowels * Trailings;

    /// <summary>Takes a syllable apart; <paramref name="trailing"/> is 0 where it has none.</summary>
    public static bool TryDecompose(int codePoint, out int leading, out int vowel, out int trailing)
    {
        var index = codePoint - FirstSyllable;
        leading = FirstLeading + (index / (Vowels * Trailings));
        vowel = FirstVowel + (index / Trailings % Vowels);
        trailing = index % Trailings == 0 ? 0 : BeforeTrailing + (index % Trailings);
        return index is >= 0 and < Syllables;
    }

    /// <summary>Joins leading and vowel, or a syllable without trailing consonant and one.</summary>
    public static bool TryCompose(int first, int second, out int composed)
    {
        if (first - FirstLeading is >= 0 and < Leadings && second - FirstVowel is >= 0 and < Vowels)
        {
            composed = FirstSyllable + ((((first - FirstLeading) * Vowels) + (second - FirstVowel)) * Trailings);
            return true;
        }

        composed = first + (second - BeforeTrailing);
        var syllable = first - FirstSyllable;
        return syllable is >= 0 and < Syllables && syllable % Trailings == 0 && second - BeforeTrailing is > 0 and < Trailings;
    }
}
