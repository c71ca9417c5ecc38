namespace TaH.Engine;

/// <summary>NaN and Infinity in JSON, as Python writes them.</summary>
internal static class NonFiniteNumbers
{
    /// <summary>A copy in which null stands for each of them; text in quotes stays as it is.</summary>
    public static byte[] Nulled(ReadOnlySpan<byte> json)
    {
        var result = new List<byte>(json.Length);
        var isInText = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (isInText && json[i] == '\\' && i + 1 < json.Length)
            {
                result.Add(json[i++]);
            }
            else if (json[i] == '"')
            {
                isInText = !isInText;
            }
            else if (!isInText && LengthAt(json[i..]) is var length and > 0)
            {
                result.AddRange("null"u8);
                i += length - 1;
                continue;
            }
            result.Add(json[i]);
        }
        return [.. result];
    }

    private static int LengthAt(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8) ? 3 : json.StartsWith("Infinity"u8) ? 8 : json.StartsWith("-Infinity"u8) ? 9 : 0;
}
