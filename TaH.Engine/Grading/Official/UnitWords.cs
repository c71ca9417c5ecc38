using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>The units that are dropped at the end of a formula, each with its plural in s or es.</summary>
/// <remarks>Source: latex2sympy2_extended 1.10.2; its list holds single letters and words that are no units, so 10m is 10 and so is 10t.</remarks>
internal static class UnitWords
{
    private const string Words = """
        Surface ab acre am apple are bc by c cc cent cm coin cube cubic d day decrease deg degree digit dm east edge excess feet ft g gain
        gal gallon gm h hectare hour hr inch inches increase integerpoint kg km kmh kmph l lb less liter litre loss lt m man mark meal men
        meter metre mile min minute minw mm monkey month more mp mph mt mtr multiple noon number o ohm per pie pm pound prime profit pure
        ratio rd rise rounds rs rupee s sec second soldier sq square st student sue t th tile toy unit way west woman women yard year yr
        """;

    // Regular expressions, as in the source: a dot stands for any character.
    private static readonly string[] Phrases =
    [
        @" m east",
        @"a .",
        @"a . m",
        @"b .",
        @"c .",
        @"children ticket",
        @"cm 2",
        @"cu . m",
        @"cu cm",
        @"d .",
        @"e .",
        @"f .",
        @"g .",
        @"h .",
        @"m square",
        @"no change",
        @"p . m",
        @"pi sq m",
        @"profit of rs",
        @"q .",
        @"rs .",
        @"s .",
        @"sq . m",
        @"sq inch",
        @"sq m",
        @"v â € ™",
        @"° f",
        @"π r 2",
        @"∏ cm ³",
    ];

    /// <summary>A unit at the end, behind a digit, a closing brace or a space; group 1 is what stands before it.</summary>
    public static Regex AtEnd { get; } = AnswerPattern.Compile(
        @"(\d|\}|\s)\s*(?:" + string.Join('|', Words.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Concat(Phrases)) + @")(?:s|es)?\s*$");
}
