using System.Text.Json;

namespace TaH.Engine;

/// <summary>The <c>model</c> of tokenizer.json: byte-pair encoding over bytes.</summary>
/// <param name="Vocabulary">Token, in the byte alphabet, to id.</param>
/// <param name="Merges">Pairs as "left right", best first; both sides and what they make are in the vocabulary.</param>
internal sealed record BpeModel(Dictionary<string, int> Vocabulary, List<string> Merges)
{
    /// <summary>Reads the value that the reader stands before.</summary>
    public static BpeModel Read(string file, ReadOnlyMemory<byte> bytes, ref Utf8JsonReader reader)
    {
        Dictionary<string, int>? vocabulary = null;
        List<string>? merges = null;
        var fields = new Dictionary<string, TokenizerField>();
        TokenizerFileReader.Expect(file, "model", ref reader, JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name == "vocab" && vocabulary is null) vocabulary = ReadVocabulary(file, bytes.Length, ref reader);
            else if (name == "merges" && merges is null) merges = ReadMerges(file, ref reader);
            else if (name is "vocab" or "merges" || !fields.TryAdd(name, TokenizerFileReader.Document(file, $"model.{name}", bytes, ref reader)))
            {
                throw new CheckpointException(file, $"model.{Words.Name(name)}", "appears twice");
            }
        }

        CheckOptions(name => fields.GetValueOrDefault(name, new TokenizerField(file, $"model.{name}", default)));
        if (vocabulary is null) throw new CheckpointException(file, "model.vocab", "is missing");
        if (merges is null) throw new CheckpointException(file, "model.merges", "is missing");
        CheckBytes(file, vocabulary);
        return new BpeModel(vocabulary, merges);
    }

    private static void CheckOptions(Func<string, TokenizerField> field)
    {
        field("type").MustBe("BPE", null); // Files from before 2020 leave it out.
        field("dropout").MustBe((object?)null);
        field("continuing_subword_prefix").MustBe((object?)null);
        field("end_of_word_suffix").MustBe((object?)null);
        field("ignore_merges").MustBe(false, null);
        // unk_token, fuse_unk and byte_fallback say what to do with unknown characters; every byte being a token, there are none.
    }

    private static void CheckBytes(string file, Dictionary<string, int> vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            var token = ByteAlphabet.Of((byte)value).ToString();
            if (!vocabulary.ContainsKey(token))
            {
                throw new CheckpointException(file, "model.vocab", $"has no token \"{token}\" for byte 0x{value:X2}; some text could not be encoded");
            }
        }
    }

    private static Dictionary<string, int> ReadVocabulary(string file, int fileBytes, ref Utf8JsonReader reader)
    {
        const string Field = "model.vocab";
        var vocabulary = new Dictionary<string, int>(fileBytes / 64); // An entry and its merge take about 70 bytes in the Qwen family.
        TokenizerFileReader.Expect(file, Field, ref reader, JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var token = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id) || id is < 0 or > TokenizerFile.LargestId)
            {
                throw new CheckpointException(file, $"{Field}.{Words.Name(token)}", $"is not a token id from 0 to {TokenizerFile.LargestId:N0}");
            }

            if (!vocabulary.TryAdd(token, id)) throw new CheckpointException(file, $"{Field}.{Words.Name(token)}", "appears twice");
        }

        return vocabulary;
    }

    /// <summary>Reads pairs in either form: <c>"a b"</c>, or <c>["a", "b"]</c> as files since 2024 have it.</summary>
    private static List<string> ReadMerges(string file, ref Utf8JsonReader reader)
    {
        var merges = new List<string>();
        var buffer = new char[256]; // Both tokens are copied here, so that a merge costs one string, not three.
        TokenizerFileReader.Expect(file, "model.merges", ref reader, JsonTokenType.StartArray, "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            merges.Add(reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.StartArray when TryReadPair(ref reader, ref buffer, out var length) => new string(buffer, 0, length),
                _ => throw new CheckpointException(file, $"model.merges[{merges.Count}]", "is neither \"left right\" nor [\"left\", \"right\"]"),
            });
        }

        return merges;
    }

    /// <summary>Reads two strings and the end of their array into the buffer, a space between.</summary>
    private static bool TryReadPair(ref Utf8JsonReader reader, ref char[] buffer, out int length)
    {
        length = 0;
        return Append(ref reader, ref buffer, ref length) && Append(ref reader, ref buffer, ref length)
            && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
    }

    /// <summary>Reads a string and copies it behind what the buffer holds, a space between.</summary>
    private static bool Append(ref Utf8JsonReader reader, ref char[] buffer, ref int length)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String) return false;
        var needed = length + 1 + reader.ValueSpan.Length; // A string has at most as many UTF-16 units as bytes.
        if (needed > buffer.Length) Array.Resize(ref buffer, needed * 2);
        if (length > 0) buffer[length++] = ' ';
        length += reader.CopyString(buffer.AsSpan(length));
        return true;
    }
}
