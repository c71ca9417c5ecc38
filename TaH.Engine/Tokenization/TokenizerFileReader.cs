using System.Text.Json;

namespace TaH.Engine;

/// <summary>Reads tokenizer.json. The vocabulary and the merges, all but a few KB of it, are read as a stream of tokens without a document.</summary>
internal static class TokenizerFileReader
{
    // The largest known (256,000 tokens) is 33 MB.
    private const int LargestFile = 256 << 20;

    /// <summary>Reads and checks a tokenizer.json.</summary>
    /// <exception cref="CheckpointException">The file is missing, not valid JSON, contradicts itself, or asks for what is not supported.</exception>
    public static TokenizerFile Read(string path)
    {
        if (!Path.Exists(path)) throw new CheckpointException(path, null, "not found; a checkpoint directory needs it to turn text into tokens");
        return Read(path, CheckpointFiles.ReadAll(path, path, LargestFile));
    }

    /// <summary>Reads and checks the bytes of a tokenizer.json; the path is for messages.</summary>
    public static TokenizerFile Read(string path, byte[] bytes)
    {
        var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(bytes.AsSpan(start));
        try
        {
            return ReadRoot(path, bytes.AsMemory(start), ref reader);
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"line {e.LineNumber + 1}", $"is not valid JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader and JsonElement word it so when a string holds invalid UTF-8 or half a surrogate pair.
            throw new CheckpointException(path, $"near byte {reader.TokenStartIndex:N0}", $"holds text that is not Unicode: {e.Message}", e);
        }
    }

    private static TokenizerFile ReadRoot(string path, ReadOnlyMemory<byte> bytes, ref Utf8JsonReader reader)
    {
        var fields = new Dictionary<string, TokenizerField>();
        BpeModel? model = null;
        Expect(path, "the file", ref reader, JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name == "model" && model is null) model = BpeModel.Read(path, bytes, ref reader);
            else if (name == "model" || fields.ContainsKey(name)) throw new CheckpointException(path, Words.Name(name), "appears twice");
            else fields[name] = Document(path, name, bytes, ref reader);
        }

        while (reader.Read()) { } // Anything after the object is not JSON.
        if (model is null) throw new CheckpointException(path, "model", "is missing");
        PipelineReader.CheckPreTokenizer(Field("pre_tokenizer"));
        PipelineReader.CheckDecoder(Field("decoder"));
        var normalizesToNfc = PipelineReader.ReadNormalizer(Field("normalizer"));
        return new TokenizerFile(
            path,
            model.Vocabulary,
            model.Merges,
            AddedTokensReader.Read(Field("added_tokens"), model.Vocabulary, normalizesToNfc),
            normalizesToNfc,
            PipelineReader.ReadPostProcessor(Field("post_processor")));

        TokenizerField Field(string name) => fields.GetValueOrDefault(name, new TokenizerField(path, name, default));
    }

    /// <summary>Reads the value that the reader stands before as a document of its own, refusing duplicate keys.</summary>
    public static TokenizerField Document(string file, string field, ReadOnlyMemory<byte> bytes, ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var value = bytes[start..(int)reader.BytesConsumed];
        try
        {
            using var document = JsonDocument.Parse(value, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return new TokenizerField(file, field, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new CheckpointException(file, field, e.Message, e);
        }
    }

    /// <summary>Reads one token, which must be of a type.</summary>
    public static void Expect(string file, string field, ref Utf8JsonReader reader, JsonTokenType type, string wanted)
    {
        reader.Read();
        if (reader.TokenType != type) throw new CheckpointException(file, field, $"is not {wanted}");
    }
}
