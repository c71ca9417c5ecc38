using System.Globalization;

namespace TaH.Engine;

/// <summary>What a name without a value evaluates to.</summary>
/// <param name="Name">The name.</param>
internal sealed record UndefinedValue(string Name);

/// <summary>What <c>namespace(...)</c> makes: fields that statements in inner scopes may set.</summary>
internal sealed class NamespaceValue : Dictionary<string, object?>;

/// <summary>
/// The rules of Python for the values of a template: none, bool, <see cref="long"/>, string, list, dictionary and undefined are
/// null, <see cref="bool"/>, <see cref="long"/>, <see cref="string"/>, lists, dictionaries and <see cref="UndefinedValue"/>.
/// </summary>
internal static class TemplateValues
{
    /// <summary>Whether a condition with this value holds.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool truth => truth,
        long number => number != 0,
        string text => text.Length > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        IReadOnlyDictionary<string, object?> dictionary => dictionary.Count > 0,
        _ => true,
    };

    /// <summary>How the value prints.</summary>
    public static string Text(object? value, TemplateRun run) => value switch
    {
        null => "None",
        UndefinedValue => "",
        bool truth => truth ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        string text => text,
        _ => throw run.Error($"prints {NameOf(value)}, which is not supported"),
    };

    /// <summary>Whether two values are equal; in Python true equals 1.</summary>
    public static bool AreEqual(object? left, object? right)
    {
        if (left is bool or long && right is bool or long) return Number(left) == Number(right);
        if (left is IReadOnlyList<object?> a && right is IReadOnlyList<object?> b)
        {
            return a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second));
        }

        return (left, right) is (UndefinedValue, UndefinedValue) || Equals(left, right);
    }

    /// <summary>Less than zero, zero or more, as left is to right.</summary>
    public static int Compare(object? left, object? right, TemplateRun run) => (left, right) switch
    {
        (bool or long, bool or long) => Number(left).CompareTo(Number(right)),
        (string a, string b) => string.CompareOrdinal(a, b),
        _ => throw run.Error($"orders {NameOf(left)} and {NameOf(right)}"),
    };

    /// <summary>Whether a list holds the value, a string the part, a dictionary the key.</summary>
    public static bool Contains(object? container, object? value, TemplateRun run) => (container, value) switch
    {
        (string text, string part) => text.Contains(part, StringComparison.Ordinal),
        (IReadOnlyList<object?> list, _) => list.Any(element => AreEqual(element, value)),
        (IReadOnlyDictionary<string, object?> dictionary, _) => value is string key && dictionary.ContainsKey(key),
        _ => throw run.Error($"looks for {NameOf(value)} in {NameOf(container)}"),
    };

    /// <summary>The items of a list, the characters (whole code points) of a string or the keys of a dictionary.</summary>
    public static IReadOnlyList<object?> Items(object? value, TemplateRun run) => value switch
    {
        IReadOnlyList<object?> list => list,
        string text => Characters(text, run),
        IReadOnlyDictionary<string, object?> dictionary => [.. dictionary.Keys],
        UndefinedValue => [],
        _ => throw run.Error($"goes through {NameOf(value)} as if it were a list"),
    };

    /// <summary>The field of a dictionary; undefined where there is none.</summary>
    public static object? Field(object? value, string name, TemplateRun run) => value switch
    {
        UndefinedValue undefined => throw run.Error($"takes .{name} of {undefined.Name}, which is undefined"),
        IReadOnlyDictionary<string, object?> dictionary when dictionary.TryGetValue(name, out var field) => field,
        _ => new UndefinedValue(name),
    };

    /// <summary>The element of a list or string (from the end where negative), or the field of a dictionary.</summary>
    public static object? Element(object? value, object? index, TemplateRun run)
    {
        if (index is string name) return Field(value, name, run);
        if (index is not long at || value is not (string or IReadOnlyList<object?>))
        {
            throw run.Error($"indexes {NameOf(value)} by {NameOf(index)}");
        }

        var items = Items(value, run);
        if (at < 0) at += items.Count;
        return at >= 0 && at < items.Count ? items[(int)at] : new UndefinedValue($"element {at}");
    }

    /// <summary>The part of a list or string from start to before stop by step, with the defaults and the clipping of Python.</summary>
    public static object? Slice(object? value, long? start, long? stop, long step, TemplateRun run)
    {
        if (value is not (string or IReadOnlyList<object?>) || step == 0) throw run.Error($"slices {NameOf(value)} by a step of {step}");
        var items = Items(value, run);
        var (lowest, highest) = step > 0 ? (0L, (long)items.Count) : (-1L, items.Count - 1L);
        var from = start is { } s ? Clip(s) : step > 0 ? lowest : highest;
        var to = stop is { } e ? Clip(e) : step > 0 ? highest : lowest;
        var slice = new List<object?>();
        for (var i = from; step > 0 ? i < to : i > to; i += step)
        {
            slice.Add(items[(int)i]);
            if (Math.Abs(step) > items.Count) break; // The next place is outside; and adding might overflow.
        }

        return value is string ? string.Concat(slice) : slice;

        long Clip(long at) => Math.Clamp(at < 0 ? at + items.Count : at, lowest, highest);
    }

    /// <summary>A word for the value's type.</summary>
    public static string NameOf(object? value) => value switch
    {
        null => "none",
        UndefinedValue undefined => $"{undefined.Name}, which is undefined,",
        bool => "a truth value",
        long => "a number",
        string => "a string",
        IReadOnlyList<object?> => "a list",
        _ => "a dictionary",
    };

    private static List<object?> Characters(string text, TemplateRun run)
    {
        run.Work(16L * text.Length);
        return [.. text.EnumerateRunes().Select(rune => rune.ToString())];
    }

    private static long Number(object? value) => value is bool truth ? (truth ? 1 : 0) : (long)value!;
}
