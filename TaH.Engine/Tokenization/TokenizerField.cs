using System.Text.Json;

namespace TaH.Engine;

/// <summary>A value inside tokenizer.json (or its config) with its place, so that every complaint names the field.</summary>
/// <param name="File">The file, for messages.</param>
/// <param name="Path">Where in the file, as in <c>model.dropout</c>.</param>
/// <param name="Value">The value; <see cref="JsonValueKind.Undefined"/> where the field is missing.</param>
internal readonly record struct TokenizerField(string File, string Path, JsonElement Value)
{
    /// <summary>Whether the field is missing or null.</summary>
    public bool IsNull => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>A field of this object; missing ones come back as undefined.</summary>
    public TokenizerField this[string name]
    {
        get
        {
            if (Value.ValueKind != JsonValueKind.Object) throw Wrong("an object");
            return new TokenizerField(File, Path.Length == 0 ? name : $"{Path}.{name}", Value.TryGetProperty(name, out var value) ? value : default);
        }
    }

    /// <summary>The elements of this array.</summary>
    public IEnumerable<TokenizerField> Elements()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Wrong("an array");
        var (file, path) = (File, Path);
        return Value.EnumerateArray().Select((element, i) => new TokenizerField(file, $"{path}[{i}]", element));
    }

    /// <summary>The string here.</summary>
    public string AsString()
    {
        if (Value.ValueKind != JsonValueKind.String) throw Wrong("a string");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // JsonElement words it so for invalid UTF-8 and for half a surrogate pair.
            throw new CheckpointException(File, Path, "is not Unicode text", e);
        }
    }

    /// <summary>The boolean here, or the default where the field is missing or null.</summary>
    public bool AsBoolean(bool missing) => IsNull ? missing : Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>The token id here.</summary>
    public int AsTokenId()
    {
        if (Value.ValueKind != JsonValueKind.Number) throw Wrong("a token id");
        return Value.TryGetInt32(out var id) && id is >= 0 and <= TokenizerFile.LargestId
            ? id
            : throw Error($"{Value.GetRawText()} is not a token id from 0 to {TokenizerFile.LargestId:N0}");
    }

    /// <summary>Refuses any value but the ones listed, null standing for missing, null and the empty string.</summary>
    public void MustBe(params ReadOnlySpan<object?> accepted)
    {
        object? value = Value.ValueKind switch
        {
            JsonValueKind.String => Value.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            _ => Value,
        };
        if (!accepted.Contains(value)) throw Unsupported();
    }

    /// <summary>The complaint that the value here is a feature this tokenizer lacks.</summary>
    public CheckpointException Unsupported() => Error($"{Shown()} is not supported");

    /// <summary>A complaint about this field.</summary>
    public CheckpointException Error(string fact) => new(File, Path.Length == 0 ? null : Path, fact);

    private CheckpointException Wrong(string wanted) =>
        Error(Value.ValueKind == JsonValueKind.Undefined ? "is missing" : $"{Shown()} is not {wanted}");

    private string Shown()
    {
        if (Value.ValueKind == JsonValueKind.Undefined) return "a missing value";
        return Words.Clean(Value.GetRawText(), limit: 200);
    }
}
