using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>A unit at the end of an answer: dropped, but remembered, so that 5 m is not 5 cm.</summary>
internal static class Units
{
    // One row a unit, its names; what is equal stands in one row.
    private static readonly string[][] Known =
    [
        ["mm", "millimeter", "millimetre"], ["cm", "centimeter", "centimetre"], ["m", "meter", "metre"], ["km", "kilometer", "kilometre"],
        ["in", "inch", "inches"], ["ft", "foot", "feet"], ["yd", "yard"], ["mi", "mile"],
        ["mg", "milligram"], ["g", "gram"], ["kg", "kilogram"], ["lb", "pound"], ["oz", "ounce"], ["ton", "tonne"],
        ["ms", "millisecond"], ["s", "sec", "second"], ["min", "minute"], ["h", "hr", "hour"], ["day"], ["week"], ["month"], ["yr", "year"],
        ["mL", "ml", "milliliter", "millilitre"], ["L", "liter", "litre"], ["gal", "gallon"],
        ["mph", "miles per hour", "miles/hour"], ["km/h", "kmh", "kph", "kilometers per hour", "km/hr"], ["m/s", "meters per second"],
        ["dollar", "USD", "usd", "buck"], ["cent"], ["euro", "EUR"], ["degree", "deg"], ["radian", "rad"], ["unit"], ["percent", "percentage", "pct"],
    ];

    private static readonly Dictionary<string, string> Canonical = Known
        .SelectMany(names => names.SelectMany(name => new[] { (Name: name, First: names[0]), (Name: name + "s", First: names[0]) }))
        .GroupBy(pair => pair.Name).ToDictionary(group => group.Key, group => group.First().First);

    // Behind a number, a brace, a bracket or a dollar: words, in \text or plain, with the power of an area or a volume.
    private static readonly Regex AtEnd = AnswerPattern.Compile(
        @"(?<=[\d})\]$!]|\\pi)(?:\s|\\[,;:! ]|~)*(?:\\(?:text|mathrm|mbox|textrm|rm|operatorname)\s*\{(?<unit>[^{}]*)\}|(?<unit>[A-Za-z][A-Za-z/]*(?:[ -][A-Za-z/]+)*))"
        + @"\s*(?:\^\s*\{?(?<power>[23])\}?)?\s*\.?$");

    /// <summary>The text without its unit, and the unit: its first name with its power, empty where there is none or it is a word of no weight.</summary>
    public static (string Text, string Unit) Split(string text)
    {
        var match = AtEnd.Match(text);
        if (!match.Success) return (text, string.Empty);
        var name = match.Groups["unit"].Value.Trim();
        var power = match.Groups["power"].Value;
        foreach (var (prefix, value) in new[] { ("square ", "2"), ("sq ", "2"), ("cubic ", "3"), ("cu ", "3") })
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal)) (name, power) = (name[prefix.Length..], value);
        }
        var known = Canonical.GetValueOrDefault(name) ?? Canonical.GetValueOrDefault(name.ToLowerInvariant());

        // Letters that touch a number are variables unless they are a unit, and no unit is one bare letter.
        var isPlain = !match.Value.Contains('\\') || match.Value.IndexOf('{') < 0;
        if (isPlain && known is null && name.Length < 3) return (text, string.Empty);
        if (isPlain && name.Length == 1) return (text, string.Empty);
        if (isPlain && IsOperator(name)) return (text, string.Empty);
        return (text[..match.Index].TrimEnd(), known is null or "unit" ? string.Empty : known + power);
    }

    /// <summary>Whether two units may stand for the same quantity: equal, or one left out.</summary>
    public static bool Agree(string gold, string answer) => gold.Length == 0 || answer.Length == 0 || gold == answer;

    private static bool IsOperator(string name) => name.Split(' ', '-')[0] is "and" or "or" or "if" or "to" or "sin" or "cos" or "tan" or "log" or "ln" or "mod" or "pi";
}
