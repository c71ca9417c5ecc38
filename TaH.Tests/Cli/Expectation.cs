using System.Runtime.CompilerServices;

namespace TaH.Tests;

/// <summary>
/// Texts that are compared whole, as files in Expectations/Cli. After a wanted change run the tests once with TAH_UPDATE_EXPECTATIONS=1: they write
/// the files anew, and the difference shows in the next commit.
/// </summary>
internal static class Expectation
{
    public static void Equals(string name, string actual)
    {
        var path = Path.Combine(Folder(), name + ".txt");
        var text = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("TAH_UPDATE_EXPECTATIONS") == "1") File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "Expectations", "Cli"));
}
