using System.Buffers;

namespace TaH.Engine;

/// <summary>A stretch of text: either plain, or one added token.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="Id">The added token's id, or null for plain text.</param>
internal readonly record struct TextSpan(int Start, int Length, int? Id);

/// <summary>Cuts a text at its added tokens: the leftmost first, of several at one place the longest.</summary>
/// <remarks>Source: <c>AddedVocabulary::find_matches</c> of Hugging Face tokenizers, an Aho-Corasick search of kind leftmost-longest.</remarks>
internal sealed class AddedTokenSplitter
{
    private readonly Dictionary<char, List<AddedToken>> _byFirst = []; // Longest first.
    private readonly SearchValues<char> _firsts;

    /// <summary>Prepares the search for the tokens that are looked for in normalised text, or for those that are looked for in raw text.</summary>
    public AddedTokenSplitter(IReadOnlyList<AddedToken> tokens, bool normalized)
    {
        foreach (var token in tokens)
        {
            if (token.Normalized != normalized) continue;
            if (!_byFirst.TryGetValue(token.Content[0], out var group)) _byFirst[token.Content[0]] = group = [];
            group.Add(token);
        }

        foreach (var group in _byFirst.Values) group.Sort((a, b) => b.Content.Length.CompareTo(a.Content.Length));
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => _byFirst.Count == 0;

    /// <summary>The stretches of a text, in order. After a token that strips on the right a neighbour may overlap, as in Hugging Face's.</summary>
    public IEnumerable<TextSpan> Split(string text)
    {
        var plainStart = 0;
        for (var at = 0; TryFind(text, ref at, out var token); at += token.Content.Length)
        {
            var (start, end) = (at, at + token.Content.Length);
            if (token.SingleWord && (WordCharacters.EndsWord(text.AsSpan(0, start)) || WordCharacters.StartsWord(text.AsSpan(end)))) continue;
            if (token.StripsLeft) start = Math.Max(plainStart, text.AsSpan(0, start).TrimEnd().Length);
            if (token.StripsRight) end = text.Length - text.AsSpan(end).TrimStart().Length;

            if (plainStart < start) yield return new TextSpan(plainStart, start - plainStart, null);
            yield return new TextSpan(start, end - start, token.Id);
            plainStart = end;
        }

        if (plainStart < text.Length) yield return new TextSpan(plainStart, text.Length - plainStart, null);
    }

    private bool TryFind(string text, ref int at, out AddedToken found)
    {
        for (; at < text.Length; at++)
        {
            var offset = text.AsSpan(at).IndexOfAny(_firsts);
            if (offset < 0) break;
            at += offset;
            foreach (var token in _byFirst[text[at]])
            {
                if (!text.AsSpan(at).StartsWith(token.Content)) continue;
                found = token;
                return true;
            }
        }

        found = null!;
        return false;
    }
}
