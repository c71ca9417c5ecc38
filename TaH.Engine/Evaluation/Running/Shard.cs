using System.Globalization;

namespace TaH.Engine;

/// <summary>A part of the problems, so that several machines share the work.</summary>
/// <param name="Number">Which part, from 1.</param>
/// <param name="Count">Parts in all.</param>
public readonly record struct Shard(int Number, int Count)
{
    /// <summary>Reads 2/4.</summary>
    /// <exception cref="UsageException">It is no such thing.</exception>
    public static Shard Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && number >= 1 && number <= count)
        {
            return new Shard(number, count);
        }
        throw new UsageException($"a shard is written i/n with i from 1 to n, as in 2/4, not '{text}'");
    }

    /// <summary>Whether the problem of a number, from 0, belongs to it.</summary>
    public bool Has(int problem) => problem % Count == Number - 1;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Number}/{Count}");
}
