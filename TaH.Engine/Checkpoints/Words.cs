using System.Globalization;

namespace TaH.Engine;

/// <summary>How numbers and shapes are written in messages, whatever the machine's culture.</summary>
internal static class Words
{
    /// <summary>1204224 becomes 1,204,224.</summary>
    public static string Grouped(Int128 number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A shape in brackets: [64, 16].</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>Text out of a file in quotes, cut to a length that a message can bear, control characters escaped.</summary>
    public static string Quoted(string text) => $"\"{Name(text)}\"";

    /// <summary>A name out of a file as the field of a message, cut and cleaned.</summary>
    public static string Name(string text) => Clean(text, limit: 80);

    /// <summary>Text with control characters escaped, cut to <paramref name="limit"/> characters.</summary>
    public static string Clean(string text, int limit) => VisibleText.Of(text, limit);
}
