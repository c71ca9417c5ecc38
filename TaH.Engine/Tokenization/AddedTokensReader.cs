namespace TaH.Engine;

/// <summary>Reads <c>added_tokens</c> of tokenizer.json.</summary>
internal static class AddedTokensReader
{
    /// <summary>Reads and checks the list; a token of the vocabulary may be listed again under its own id.</summary>
    /// <param name="field">The list.</param>
    /// <param name="vocabulary">The tokens of the model.</param>
    /// <param name="normalizesToNfc">Whether text is brought to NFC; tokens looked for in such text are then brought to it too.</param>
    public static IReadOnlyList<AddedToken> Read(TokenizerField field, Dictionary<string, int> vocabulary, bool normalizesToNfc)
    {
        if (field.IsNull) return [];
        var tokens = new List<AddedToken>();
        var contents = new HashSet<string>();
        foreach (var element in field.Elements())
        {
            var special = element["special"].AsBoolean(missing: false);
            var token = new AddedToken(
                element["id"].AsTokenId(),
                element["content"].AsString(),
                special,
                element["normalized"].AsBoolean(missing: !special),
                element["single_word"].AsBoolean(missing: false),
                element["lstrip"].AsBoolean(missing: false),
                element["rstrip"].AsBoolean(missing: false));
            if (token.Normalized && normalizesToNfc) token = token with { Content = Nfc.Normalize(token.Content) };
            if (token.Content.Length == 0) throw element["content"].Error("is empty");
            if (!contents.Add(token.Content)) throw element["content"].Error($"{Words.Quoted(token.Content)} appears twice");
            if (vocabulary.TryGetValue(token.Content, out var id) && id != token.Id)
            {
                throw element["id"].Error($"{Words.Quoted(token.Content)} is {token.Id} here and {id} in model.vocab");
            }

            tokens.Add(token);
        }

        return tokens;
    }
}
