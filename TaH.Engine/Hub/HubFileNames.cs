using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Which of a model's files a checkpoint needs, and which names no honest server sends.</summary>
internal static partial class HubFileNames
{
    /// <summary>Configuration, safetensors weights, tokenizer, TaH parts, card and licence: nothing in another weights format.</summary>
    public static bool IsPartOfCheckpoint(string path) => Needed().IsMatch(path);

    public static bool IsWeights(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) && !path.Contains('/');

    /// <summary>Could lead out of the folder it is put in, or break a terminal that shows it.</summary>
    public static bool IsHostile(string path) =>
        path.Contains('\\') || path.Any(char.IsControl) || DriveLetter().IsMatch(path) || path.Split('/').Any(part => part is "" or "." or "..");

    // Windows opens the device instead of a file of the names that come first, whatever the extension.
    [GeneratedRegex(@"\A (?! (?i: con | prn | aux | nul | com[0-9] | lpt[0-9] ) \. )
        ( (config | tah_config | generation_config) [A-Za-z0-9._-]* \.json
        | [A-Za-z0-9._-]+ \.safetensors (\.index\.json)?
        | (tokenizer | tokenizer_config | vocab | special_tokens_map | added_tokens | chat_template) \.json | merges\.txt | chat_template\.jinja
        | lora/ [A-Za-z0-9._-]+ \. (safetensors | json)
        | iter_decider\.bin
        | [A-Za-z0-9._-]+ \.md | (LICENSE | NOTICE) [A-Za-z0-9._-]*
        ) \z", RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Needed();

    [GeneratedRegex(@"\A[A-Za-z]:")]
    private static partial Regex DriveLetter();
}
