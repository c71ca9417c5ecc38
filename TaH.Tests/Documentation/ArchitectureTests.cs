namespace TaH.Tests;

/// <summary>docs/architecture.md stays true: a folder without a line there is a folder that nobody explained.</summary>
public class ArchitectureTests
{
    [Fact]
    public void Every_folder_has_its_line()
    {
        var root = Repository.RootOrSkip();
        var page = File.ReadAllText(Path.Combine(root, "docs", "architecture.md"));
        foreach (var project in (string[])["TaH.Kernels", "TaH.Engine", "TaH.Cli"])
        foreach (var folder in Directory.GetDirectories(Path.Combine(root, project)).Select(Path.GetFileName))
        {
            if (folder is "bin" or "obj") continue;
            Assert.True(page.Contains($"`{project}/{folder}`", StringComparison.Ordinal), $"docs/architecture.md has no line for {project}/{folder}");
        }
    }

    [Fact]
    public void Every_line_has_its_folder()
    {
        var root = Repository.RootOrSkip();
        var page = File.ReadLines(Path.Combine(root, "docs", "architecture.md"));
        foreach (var line in page.Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            var folder = line.Split('`')[1];
            Assert.True(Directory.Exists(Path.Combine(root, folder)), $"docs/architecture.md speaks of {folder}, which is not there");
        }
    }

    [Fact]
    public void No_file_that_a_person_reads_is_over_300_lines()
    {
        var root = Repository.RootOrSkip();
        foreach (var project in (string[])["TaH.Kernels", "TaH.Engine", "TaH.Cli", "TaH.Tests"])
        foreach (var file in Directory.GetFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories).Where(IsSource))
            Assert.True(File.ReadLines(file).Count() <= 300, $"{Path.GetRelativePath(root, file)} is over 300 lines");
    }

    private static bool IsSource(string file) =>
        !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
