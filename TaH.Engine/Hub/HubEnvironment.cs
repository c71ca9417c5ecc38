using System.Text;

namespace TaH.Engine;

/// <summary>The environment variables that Hugging Face's tools obey, read as they read them: an empty one counts as absent.</summary>
/// <param name="variable">The value of an environment variable, or null.</param>
internal sealed class HubEnvironment(Func<string, string?> variable)
{
    // Tokens have about 40 letters.
    private const int LargestTokenFile = 1 << 16;

    private static readonly string[] TrueWords = ["1", "ON", "YES", "TRUE"];

    private string Home => Value(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME")
        ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private string HuggingFaceHome => Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(Home, ".cache"), "huggingface");

    /// <exception cref="UsageException">A variable, or the token, is malformed.</exception>
    /// <exception cref="BadFileException">The file of the token cannot be read.</exception>
    public HubOptions Read()
    {
        var cache = Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(HuggingFaceHome, "hub");
        var defaults = new HubOptions { CacheDirectory = cache };
        return defaults with
        {
            Endpoint = Endpoint() ?? defaults.Endpoint,
            Token = Token(),
            Offline = IsTrue(Value("HF_HUB_OFFLINE") ?? Value("TRANSFORMERS_OFFLINE")),
        };
    }

    private Uri? Endpoint()
    {
        if (Value("HF_ENDPOINT") is not { } given) return null;
        return Uri.TryCreate(given.TrimEnd('/'), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"HF_ENDPOINT: '{given}' is not an http or https address");
    }

    private string? Token()
    {
        var file = Folder("HF_TOKEN_PATH") ?? Path.Combine(HuggingFaceHome, "token");
        var (source, given) = Value("HF_TOKEN") is { } token ? ("HF_TOKEN", token)
            : Value("HUGGING_FACE_HUB_TOKEN") is { } old ? ("HUGGING_FACE_HUB_TOKEN", old)
            : File.Exists(file) ? (file, Encoding.UTF8.GetString(CheckpointFiles.ReadAll(file, file, LargestTokenFile)).TrimStart('\uFEFF').Trim())
            : ("", "");
        if (given.Any(letter => letter is <= ' ' or > '~')) throw new UsageException($"{source}: holds blanks or letters that no access token has");
        return given is "" ? null : given;
    }

    private string? Folder(string name) => Value(name) is not { } path ? null
        : path == "~" ? Home
        : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Home, path[2..])
        : Path.GetFullPath(path);

    private string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private static bool IsTrue(string? value) => TrueWords.Contains(value, StringComparer.OrdinalIgnoreCase);
}
