namespace TaH.Engine;

/// <summary>Id to token, and what is known of each token.</summary>
internal sealed class TokenTable
{
    private readonly string?[] _tokens;
    private readonly HashSet<int> _special = [];
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int> _added = [];

    /// <summary>Turns a file's vocabulary and added tokens around.</summary>
    /// <exception cref="CheckpointException">Two tokens have one id.</exception>
    public TokenTable(TokenizerFile file)
    {
        _vocabulary = file.Vocabulary;
        var largest = 0;
        foreach (var id in _vocabulary.Values) largest = Math.Max(largest, id);
        foreach (var token in file.AddedTokens)
        {
            largest = Math.Max(largest, token.Id);
            _added.Add(token.Content, token.Id);
            if (token.Special) _special.Add(token.Id);
        }

        _tokens = new string?[largest + 1];
        foreach (var (token, id) in _vocabulary) Set(file.Path, "model.vocab", token, id);
        foreach (var (token, id) in _added) Set(file.Path, "added_tokens", token, id);
    }

    /// <summary>One past the highest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>The token of an id, or empty where the id has none.</summary>
    public ReadOnlySpan<char> this[int id] => id < _tokens.Length ? _tokens[id] : default;

    /// <summary>Whether decoding may leave the token out.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>The id of a token, added ones by their content and others in the byte alphabet.</summary>
    public int? IdOf(string token) => _added.TryGetValue(token, out var id) || _vocabulary.TryGetValue(token, out id) ? id : null;

    private void Set(string file, string field, string token, int id)
    {
        if (_tokens[id] is { } other && other != token)
        {
            throw new CheckpointException(file, $"{field}.{Words.Name(token)}", $"has id {id}, which is that of {Words.Quoted(other)}");
        }

        _tokens[id] = token;
    }
}
