using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace TaH.Engine;

/// <summary>Text to token ids and back, exactly as Hugging Face tokenizers does it for a byte-level BPE tokenizer.json of the Qwen family.</summary>
/// <remarks>
/// BPE itself is <see cref="BpeTokenizer"/> of Microsoft.ML.Tokenizers. Around it stands what that library does otherwise than Hugging Face: added
/// tokens are cut out before normalisation, text is split by code points, and every id decodes. Safe for use by several threads.
/// </remarks>
public sealed class Tokenizer
{
    private readonly Task<BpeTokenizer> _bpe;
    private readonly TokenTable _tokens;
    private readonly AddedTokenSplitter _rawSplitter;
    private readonly AddedTokenSplitter _normalizedSplitter;
    private readonly bool _normalizesToNfc;
    private readonly Affixes _affixes;

    private Tokenizer(TokenizerFile file)
    {
        _tokens = new TokenTable(file);
        _bpe = Task.Run(() => CreateBpe(file)); // 0.3 s for 150,000 tokens, in which the caller can load weights.
        _normalizesToNfc = file.NormalizesToNfc;
        _affixes = file.Affixes;
        _rawSplitter = new AddedTokenSplitter(file.AddedTokens, normalized: false);
        _normalizedSplitter = new AddedTokenSplitter(file.AddedTokens, normalized: true);
    }

    /// <summary>One past the highest token id. The language-model head may have more rows; those are padding.</summary>
    public int VocabularySize => _tokens.Size;

    /// <summary>
    /// Reads and checks the tokenizer.json of a checkpoint directory. The merge table is built on another thread; the first encoding waits for it.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing, malformed, or asks for what is not supported; the field is named.</exception>
    public static Tokenizer Open(string checkpointDirectory) =>
        new(TokenizerFileReader.Read(Path.Combine(checkpointDirectory, "tokenizer.json")));

    /// <summary>A tokenizer from the bytes of a tokenizer.json; the path is for messages.</summary>
    internal static Tokenizer Parse(string path, byte[] bytes) => new(TokenizerFileReader.Read(path, bytes));

    /// <summary>Turns text into token ids. Added tokens in the text, such as <c>&lt;|im_end|&gt;</c>, are recognised.</summary>
    /// <param name="text">Any text; half a surrogate pair counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">
    /// Whether the post-processor adds what it wants around the text. Qwen's wants nothing; turn it off for a rendered chat.
    /// </param>
    /// <exception cref="CheckpointException">A merge in tokenizer.json is wrong, which only shows when the merge table is built.</exception>
    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WellFormedText.Of(text);
        var bpe = _bpe.GetAwaiter().GetResult();
        var ids = new List<int>((text.Length / 3) + 8);
        if (addSpecialTokens) ids.AddRange(_affixes.Before);
        foreach (var raw in Cut(text, _rawSplitter, ids))
        {
            foreach (var piece in Cut(Normalize(raw), _normalizedSplitter, ids)) ids.AddRange(bpe.EncodeToIds(piece));
        }

        if (addSpecialTokens) ids.AddRange(_affixes.After);
        return [.. ids];
    }

    /// <summary>Turns token ids into text; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids; one past the vocabulary (a padding row of the language-model head) is no text.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out. <c>&lt;think&gt;</c> is an added token, but not a special one.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new ArrayBufferWriter<byte>((ids.Length * 4) + 16);
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            if (!skipSpecialTokens || !_tokens.IsSpecial(id)) ByteAlphabet.WriteBytes(_tokens[id], bytes);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Whether decoding with <c>skipSpecialTokens</c> leaves this token out.</summary>
    public bool IsSpecial(int id) => _tokens.IsSpecial(id);

    /// <summary>The id of a token by its name in tokenizer.json (<c>&lt;|im_end|&gt;</c>, <c>Ġthe</c>), or null where there is none.</summary>
    public int? IdOf(string token) => _tokens.IdOf(token);

    /// <summary>A decoder that takes the ids of one text as they come.</summary>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public StreamingDecoder CreateDecoder(bool skipSpecialTokens = true) => new(_tokens, skipSpecialTokens);

    /// <summary>The plain pieces of a text, in order; between them the ids of added tokens go to <paramref name="ids"/>.</summary>
    private static IEnumerable<string> Cut(string text, AddedTokenSplitter splitter, List<int> ids)
    {
        if (splitter.IsEmpty)
        {
            yield return text;
            yield break;
        }

        foreach (var span in splitter.Split(text))
        {
            if (span.Id is { } id) ids.Add(id);
            else yield return text.Substring(span.Start, span.Length);
        }
    }

    private string Normalize(string text) => _normalizesToNfc ? Nfc.Normalize(text) : text;

    private static BpeTokenizer CreateBpe(TokenizerFile file)
    {
        var options = new BpeOptions(file.Vocabulary) { Merges = file.Merges, ByteLevel = true, PreTokenizer = new QwenPreTokenizer() };
        try
        {
            var bpe = BpeTokenizer.Create(options);
            _ = bpe.EncodeToIds("a"); // Compiling the path of an encoding takes 20 ms, which is better spent here than by the first caller.
            return bpe;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw MergeCheck.FirstFault(file) ?? new CheckpointException(file.Path, "model", e.Message, e);
        }
    }
}
