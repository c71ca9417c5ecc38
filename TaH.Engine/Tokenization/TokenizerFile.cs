namespace TaH.Engine;

/// <summary>What a tokenizer.json says, checked; only byte-level BPE as the Qwen family writes it gets this far.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Vocabulary">Token, in the byte alphabet, to id; ids are unique, with or without holes.</param>
/// <param name="Merges">Pairs as "left right", best first.</param>
/// <param name="AddedTokens">Tokens looked for in the text before BPE runs.</param>
/// <param name="NormalizesToNfc">Whether text is brought to NFC first.</param>
/// <param name="Affixes">The ids that the post-processor puts around an encoded text.</param>
internal sealed record TokenizerFile(
    string Path,
    Dictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    IReadOnlyList<AddedToken> AddedTokens,
    bool NormalizesToNfc,
    Affixes Affixes)
{
    /// <summary>Ids are at most this, so that the table from id to token is no larger than a few times the largest vocabulary in use.</summary>
    public const int LargestId = (1 << 22) - 1;
}

/// <summary>Ids put before and after every encoded text, such as a beginning-of-sequence token; none for Qwen.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after the text.</param>
internal sealed record Affixes(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <summary>Nothing before, nothing after.</summary>
    public static readonly Affixes None = new([], []);
}
