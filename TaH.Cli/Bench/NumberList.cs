using System.Globalization;
using System.Numerics;

namespace TaH.Cli;

/// <summary>Numbers with commas between them, as in <c>512,2048</c>.</summary>
internal static class NumberList
{
    /// <summary>Reads the list.</summary>
    /// <param name="option">The option that it belongs to, for the message.</param>
    /// <param name="text">What was given.</param>
    /// <param name="kind">What is expected, with an example.</param>
    /// <exception cref="UsageException">An item is no such number.</exception>
    public static IReadOnlyList<T> Parse<T>(string option, string text, string kind) where T : INumber<T>
    {
        var numbers = new List<T>();
        foreach (var item in text.Split(','))
        {
            if (!T.TryParse(item, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                throw new UsageException($"{option} takes {kind}, not '{item}'");
            numbers.Add(number);
        }
        return numbers;
    }
}
