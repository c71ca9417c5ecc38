namespace TaH.Kernels;

/// <summary>Where this user's compiled kernels are kept.</summary>
internal static class CacheDirectory
{
    /// <summary>What <c>TAH_CACHE</c> is set to by who wants nothing kept.</summary>
    public const string Off = "off";

    /// <summary>
    /// <c>$TAH_CACHE</c>, else <c>tah</c> in <c>$XDG_CACHE_HOME</c>, else <c>~/.cache/tah</c>; null if <c>TAH_CACHE</c> is <see cref="Off"/>
    /// or there is no home.
    /// </summary>
    public static string? Find() => Find(Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The same with other variables and another home.</summary>
    internal static string? Find(Func<string, string?> variable, string home)
    {
        if (variable("TAH_CACHE") is { Length: > 0 } named) return named == Off ? null : Path.GetFullPath(named);
        // A relative path there is to be ignored, the XDG specification says.
        if (variable("XDG_CACHE_HOME") is { Length: > 0 } shared && Path.IsPathFullyQualified(shared)) return Path.Combine(shared, "tah");
        return home.Length == 0 ? null : Path.Combine(home, ".cache", "tah");
    }
}
