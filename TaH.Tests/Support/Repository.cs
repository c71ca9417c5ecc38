using System.Runtime.CompilerServices;

namespace TaH.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root; skips the test where only the built program is at hand.</summary>
    public static string RootOrSkip([CallerFilePath] string file = "")
    {
        var directory = Path.GetDirectoryName(file);
        while (directory is not null && !File.Exists(Path.Combine(directory, "TaH.sln"))) directory = Path.GetDirectoryName(directory);
        if (directory is null) Assert.Skip("the source tree is not on this machine");
        return directory;
    }
}
