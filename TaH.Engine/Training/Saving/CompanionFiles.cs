namespace TaH.Engine;

/// <summary>What a checkpoint made of another one has in common with it: tokenizer, chat template, settings of generation.</summary>
internal static class CompanionFiles
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja",
    ];

    /// <summary>Copies those that are there.</summary>
    public static void Copy(string source, string target)
    {
        foreach (var name in Names.Where(name => File.Exists(Path.Combine(source, name)))) File.Copy(Path.Combine(source, name), Path.Combine(target, name));
    }
}
