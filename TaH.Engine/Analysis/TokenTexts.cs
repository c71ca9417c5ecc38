using System.Globalization;

namespace TaH.Engine;

/// <summary>Tokens as people read them.</summary>
/// <param name="tokenizer">The model's; null where it has none, and ids stand for texts.</param>
internal sealed class TokenTexts(Tokenizer? tokenizer)
{
    private readonly Dictionary<int, string> _texts = [];

    /// <summary>A token's text.</summary>
    public string this[int token]
    {
        get
        {
            if (_texts.TryGetValue(token, out var known)) return known;
            var text = tokenizer?.Decode([token]) ?? token.ToString(CultureInfo.InvariantCulture);
            return _texts[token] = text;
        }
    }
}
