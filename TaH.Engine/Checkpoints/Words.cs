using System.Globalization;

namespace TaH.Engine;

/// <summary>How numbers and shapes are written in messages, whatever the machine's culture.</summary>
internal static class Words
{
    /// <summary>1204224 becomes 1,204,224.</summary>
    public static string Grouped(Int128 number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A shape in brackets: [64, 16].</summary>
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>Text out of a file, cut to a length that a message can bear, without control characters.</summary>
    public static string Quoted(string text)
    {
        var cut = text.Length <= 80 ? text : text[..77] + "...";
        return "\"" + string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)) + "\"";
    }

    /// <summary>A name out of a file as the field of a message: not quoted, otherwise as <see cref="Quoted"/>.</summary>
    public static string Name(string text) => Quoted(text)[1..^1];
}
