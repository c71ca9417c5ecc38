using System.Collections.Immutable;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>One value of a JSON file with the path that names it in messages; typed reads say what they expected.</summary>
/// <param name="file">How messages call the file.</param>
/// <param name="path">The path from the top, for instance <c>rope_parameters.rope_theta</c>.</param>
/// <param name="value">The value; undefined where the path does not exist.</param>
internal readonly struct JsonField(string file, string path, JsonElement value)
{
    /// <summary>The path from the top; empty for the top itself.</summary>
    public string Path => path;

    /// <summary>What the value is; <see cref="JsonValueKind.Undefined"/> where it is missing.</summary>
    public JsonValueKind Kind => value.ValueKind;

    /// <summary>True where the value is missing or null.</summary>
    public bool IsAbsent => Kind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>True where the value switches nothing on: missing, null, false, 0, an empty string, array or object.</summary>
    public bool IsOff => Kind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number == 0,
        _ => false,
    };

    /// <summary>A member of an object; an absent object has only absent members.</summary>
    public JsonField this[string name]
    {
        get
        {
            if (IsAbsent) return new JsonField(file, Below(name), default);
            if (Kind != JsonValueKind.Object) throw Expected("an object");
            return new JsonField(file, Below(name), value.TryGetProperty(name, out var member) ? member : default);
        }
    }

    /// <summary>The members of an object, in the file's order.</summary>
    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        if (IsAbsent) yield break;
        if (Kind != JsonValueKind.Object) throw Expected("an object");
        foreach (var member in value.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException error)
            {
                throw new CheckpointException(file, Path.Length == 0 ? null : Path, "has a key with an escape that is no Unicode character", error);
            }

            yield return (name, new JsonField(file, Below(name), member.Value));
        }
    }

    /// <summary>The items of an array.</summary>
    public IEnumerable<JsonField> Items()
    {
        if (Kind != JsonValueKind.Array) throw Expected("an array");
        var index = 0;
        foreach (var item in value.EnumerateArray()) yield return new JsonField(file, $"{Path}[{index++}]", item);
    }

    /// <summary>The arrays and objects among the items of an array; plain values cost nothing, however many there are.</summary>
    public IEnumerable<JsonField> Nested()
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind is JsonValueKind.Array or JsonValueKind.Object) yield return new JsonField(file, $"{Path}[{index}]", item);
            index++;
        }
    }

    /// <summary>A whole number between two bounds, which must be there.</summary>
    public int Integer(int min, int max)
    {
        if (Kind != JsonValueKind.Number) throw Expected("a whole number");
        if (!value.TryGetInt64(out var number)) throw Error($"expected a whole number, found {Words.Name(value.GetRawText())}");
        if (number < min || number > max) throw Error($"is {number}, allowed are {min} to {max}");
        return (int)number;
    }

    /// <summary>A whole number between two bounds, or <paramref name="otherwise"/> where it is absent.</summary>
    public int Integer(int min, int max, int otherwise) => IsAbsent ? otherwise : Integer(min, max);

    /// <summary>A finite number between two bounds, which must be there.</summary>
    public double Number(double min, double max)
    {
        if (Kind != JsonValueKind.Number) throw Expected("a number");
        if (!value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            throw Error($"is {Words.Name(value.GetRawText())}, a finite number was expected");
        }

        if (number < min || number > max) throw Error(FormattableString.Invariant($"is {number}, allowed are {min} to {max}"));
        return number;
    }

    /// <summary>A yes or no, or <paramref name="otherwise"/> where it is absent.</summary>
    public bool Flag(bool otherwise) => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ when IsAbsent => otherwise,
        _ => throw Expected("true or false"),
    };

    /// <summary>A string, which must be there.</summary>
    public string Text()
    {
        if (Kind != JsonValueKind.String) throw Expected("a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new CheckpointException(file, Path, "has an escape that is no Unicode character", error);
        }
    }

    /// <summary>A string, or <paramref name="otherwise"/> where it is absent.</summary>
    public string Text(string otherwise) => IsAbsent ? otherwise : Text();

    /// <summary>An array of whole numbers between two bounds, not longer than <paramref name="maxCount"/>.</summary>
    public ImmutableArray<int> Integers(int min, int max, int maxCount)
    {
        if (Kind != JsonValueKind.Array) throw Expected("an array of whole numbers");
        if (value.GetArrayLength() > maxCount) throw Error($"has {Words.Grouped(value.GetArrayLength())} items, at most {maxCount} are read");
        return [.. Items().Select(item => item.Integer(min, max))];
    }

    /// <summary>The error that this value is of another kind than <paramref name="what"/>, or missing.</summary>
    public CheckpointException Expected(string what) => Error(Kind switch
    {
        JsonValueKind.Undefined => $"is missing, {what} was expected",
        JsonValueKind.Null => $"is null, {what} was expected",
        JsonValueKind.Object => $"expected {what}, found an object",
        JsonValueKind.Array => $"expected {what}, found an array",
        _ => $"expected {what}, found {Words.Name(value.GetRawText())}",
    });

    /// <summary>An error about this value.</summary>
    public CheckpointException Error(string fact) => new(file, Path.Length == 0 ? null : Path, fact);

    private string Below(string name) => Path.Length == 0 ? Words.Name(name) : $"{Path}.{Words.Name(name)}";
}
