using System.Text;

namespace TaH.Engine;

/// <summary>Turns the tokens of an answer into text as they come: whole characters only, up to the first stop string.</summary>
internal sealed class AnswerText(StreamingDecoder? decoder, IReadOnlyList<string> stops)
{
    private readonly StopStrings _stops = new(stops);
    private readonly StringBuilder _text = new();

    /// <summary>Whether a stop string ended the answer.</summary>
    public bool Stopped => _stops.Found;

    /// <summary>The answer so far; null for a model without a tokenizer.</summary>
    public string? Text => decoder is null ? null : _text.ToString();

    /// <summary>Takes a token and returns the text that became certain with it.</summary>
    public string Append(int token) => decoder is null ? string.Empty : Keep(_stops.Append(decoder.Append(token)));

    /// <summary>Ends the answer and returns what was still held back.</summary>
    public string Flush()
    {
        if (decoder is null || Stopped) return string.Empty;
        var rest = _stops.Append(decoder.Flush());
        return Keep(Stopped ? rest : rest + _stops.Flush());
    }

    private string Keep(string piece)
    {
        _text.Append(piece);
        return piece;
    }
}
