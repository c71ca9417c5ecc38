using System.Text;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Where a checkpoint keeps its chat template, and what the template may refer to.</summary>
/// <param name="Path">The file that holds the template, for messages.</param>
/// <param name="Field">The field that holds it, or null where it is the whole file.</param>
/// <param name="Template">The template; null: the checkpoint has none.</param>
/// <param name="SpecialTokens">The values of <c>eos_token</c> and its like.</param>
internal sealed record ChatTemplateFile(string Path, string? Field, string? Template, IReadOnlyDictionary<string, string> SpecialTokens)
{
    private const int LargestFile = 32 << 20;
    private static readonly string[] SpecialTokenFields = ["bos_token", "eos_token", "unk_token", "pad_token"];

    /// <summary>Looks for chat_template.jinja, then for chat_template in tokenizer_config.json, as transformers does.</summary>
    /// <exception cref="CheckpointException">A file is malformed.</exception>
    public static ChatTemplateFile Find(string checkpointDirectory)
    {
        var template = System.IO.Path.Combine(checkpointDirectory, "chat_template.jinja");
        var configPath = System.IO.Path.Combine(checkpointDirectory, "tokenizer_config.json");
        TokenizerField? config = System.IO.Path.Exists(configPath) ? ReadConfig(configPath) : null;
        var specialTokens = config is { } fields ? ReadSpecialTokens(fields) : [];
        return System.IO.Path.Exists(template)
            ? new ChatTemplateFile(template, null, ReadText(template), specialTokens)
            : new ChatTemplateFile(configPath, "chat_template", config is { } place ? ReadTemplate(place["chat_template"]) : null, specialTokens);
    }

    private static TokenizerField ReadConfig(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(ReadText(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return new TokenizerField(path, "", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"line {e.LineNumber + 1}", $"is not valid JSON: {e.Message}", e);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(CheckpointFiles.ReadAll(path, path, LargestFile)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new CheckpointException(path, $"byte {e.Index:N0}", "is not UTF-8", e);
        }
    }

    /// <summary>The template: a string, or the one named default in a list of named ones.</summary>
    private static string? ReadTemplate(TokenizerField field)
    {
        if (field.IsNull || field.Value.ValueKind != JsonValueKind.Array) return field.IsNull ? null : field.AsString();
        foreach (var named in field.Elements())
        {
            if (named["name"].AsString() == "default") return named["template"].AsString();
        }

        throw field.Error("has no template named \"default\"");
    }

    /// <summary>Special tokens are strings or objects with the string in <c>content</c>.</summary>
    private static Dictionary<string, string> ReadSpecialTokens(TokenizerField config)
    {
        var tokens = new Dictionary<string, string>();
        foreach (var name in SpecialTokenFields)
        {
            var field = config[name];
            if (!field.IsNull) tokens[name] = field.Value.ValueKind == JsonValueKind.Object ? field["content"].AsString() : field.AsString();
        }

        return tokens;
    }
}
