namespace TaH.Engine;

/// <summary>Reads what tokenizer.json wants done around BPE, and refuses what is not done here.</summary>
internal static class PipelineReader
{
    /// <summary>Whether <c>normalizer</c> asks for NFC; nothing else but none is supported.</summary>
    public static bool ReadNormalizer(TokenizerField field)
    {
        if (field.IsNull) return false;
        switch (field["type"].AsString())
        {
            case "NFC":
                return true;
            case "Sequence":
                return field["normalizers"].Elements().Aggregate(false, (nfc, part) => nfc | ReadNormalizer(part));
            default:
                throw field["type"].Unsupported();
        }
    }

    /// <summary>Refuses a <c>pre_tokenizer</c> that is not the split pattern of Qwen followed by the byte alphabet.</summary>
    public static void CheckPreTokenizer(TokenizerField field)
    {
        if (field.IsNull) throw field.Error("is missing; the byte-level split of Qwen is expected");
        MustBeOfType(field, "Sequence");
        var parts = field["pretokenizers"].Elements().ToArray();
        if (parts.Length != 2) throw field["pretokenizers"].Error($"has {parts.Length} steps; Split and ByteLevel are expected");

        var (split, byteLevel) = (parts[0], parts[1]);
        MustBeOfType(split, "Split");
        split["pattern"]["Regex"].MustBe(QwenPreTokenizer.Pattern);
        split["behavior"].MustBe("Isolated");
        split["invert"].MustBe(false, null);

        MustBeOfType(byteLevel, "ByteLevel");
        // Both are true where they are missing.
        byteLevel["add_prefix_space"].MustBe(false);
        byteLevel["use_regex"].MustBe(false);
    }

    /// <summary>Refuses a <c>decoder</c> other than ByteLevel, whose options change nothing.</summary>
    public static void CheckDecoder(TokenizerField field)
    {
        if (field.IsNull) throw field.Error("is missing; ByteLevel is expected");
        MustBeOfType(field, "ByteLevel");
    }

    /// <summary>The ids that <c>post_processor</c> puts around a text: those of a template for one sequence, none for ByteLevel.</summary>
    public static Affixes ReadPostProcessor(TokenizerField field)
    {
        if (field.IsNull) return Affixes.None;
        switch (field["type"].AsString())
        {
            case "ByteLevel": // Moves offsets only.
                return Affixes.None;
            case "TemplateProcessing":
                return ReadTemplate(field);
            case "Sequence":
                var affixes = Affixes.None;
                foreach (var part in field["processors"].Elements())
                {
                    var inner = ReadPostProcessor(part);
                    affixes = new Affixes([.. inner.Before, .. affixes.Before], [.. affixes.After, .. inner.After]);
                }

                return affixes;
            default:
                throw field["type"].Unsupported();
        }
    }

    private static Affixes ReadTemplate(TokenizerField field)
    {
        List<int> before = [], after = [];
        var pastText = false;
        foreach (var item in field["single"].Elements())
        {
            if (!item["Sequence"].IsNull)
            {
                if (pastText) throw item["Sequence"].Error("repeats the text");
                item["Sequence"]["id"].MustBe("A");
                pastText = true;
                continue;
            }

            var name = item["SpecialToken"]["id"].AsString();
            var ids = field["special_tokens"][name]["ids"].Elements().Select(id => id.AsTokenId());
            (pastText ? after : before).AddRange(ids);
        }

        return pastText ? new Affixes(before, after) : throw field["single"].Error("leaves the text out");
    }

    private static void MustBeOfType(TokenizerField field, string type)
    {
        if (field["type"].AsString() != type) throw field["type"].Unsupported();
    }
}
