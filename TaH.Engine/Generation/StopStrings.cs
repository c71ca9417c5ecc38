using System.Text;

namespace TaH.Engine;

/// <summary>Finds stop strings in a stream of text, holding back what may be the beginning of one.</summary>
internal sealed class StopStrings
{
    private readonly IReadOnlyList<string> _stops;
    private readonly StringBuilder _held = new();

    public StopStrings(IReadOnlyList<string> stops)
    {
        Check(stops);
        _stops = stops;
    }

    /// <summary>Whether one was found; what follows it is not part of the answer.</summary>
    public bool Found { get; private set; }

    /// <summary>Refuses an empty one.</summary>
    public static void Check(IReadOnlyList<string> stops)
    {
        if (stops.Any(string.IsNullOrEmpty)) throw new UsageException("a stop string is empty; it would end every answer before it begins");
    }

    /// <summary>Takes the next piece of text and returns what is certain to belong to the answer.</summary>
    public string Append(string piece)
    {
        if (_stops.Count == 0) return piece;
        _held.Append(piece);
        var text = _held.ToString();
        var first = _stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        Found = first >= 0;
        var released = Found ? first : text.Length - LongestBeginningAtEnd(text);
        _held.Clear();
        if (!Found) _held.Append(text, released, text.Length - released);
        return text[..released];
    }

    /// <summary>What was held back in vain; at the end of the answer.</summary>
    public string Flush()
    {
        var text = _held.ToString();
        _held.Clear();
        return text;
    }

    private int LongestBeginningAtEnd(string text)
    {
        for (var length = Math.Min(text.Length, _stops.Max(stop => stop.Length) - 1); length > 0; length--)
        {
            var end = text.AsSpan(text.Length - length);
            foreach (var stop in _stops)
            {
                if (stop.Length > length && stop.AsSpan(0, length).SequenceEqual(end)) return length;
            }
        }
        return 0;
    }
}
