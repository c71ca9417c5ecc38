using System.Text;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Numbers that Python writes into JSON and JSON does not have: NaN, Infinity. They travel as marked strings, and come out as they were.</summary>
internal static partial class BareNumbers
{
    private const string Mark = "\\u0001bare:";

    /// <summary>JSON with a string in the place of each.</summary>
    public static ReadOnlyMemory<byte> Quote(ReadOnlyMemory<byte> json)
    {
        var text = Encoding.UTF8.GetString(json.Span);
        if (!text.Contains("NaN", StringComparison.Ordinal) && !text.Contains("Infinity", StringComparison.Ordinal)) return json;
        return Encoding.UTF8.GetBytes(StringOrBare().Replace(text, match => match.Value[0] == '"' ? match.Value : $"\"{Mark}{match.Value}\""));
    }

    /// <summary>The text as it was.</summary>
    public static string Restore(string json) => Marked().Replace(json, "$1");

    // Strings are matched whole, so that words in them are left alone.
    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|-?(?:Infinity|NaN)
        """)]
    private static partial Regex StringOrBare();

    [GeneratedRegex("""
        "\\u0001bare:(-?\w+)"
        """)]
    private static partial Regex Marked();
}
