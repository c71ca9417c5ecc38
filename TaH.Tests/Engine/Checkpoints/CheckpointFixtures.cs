namespace TaH.Tests;

/// <summary>The checkpoints that ship beside the tests, and copies of them to damage.</summary>
internal static class CheckpointFixtures
{
    public static readonly string[] ParityNames = ["a_tied", "b_untied_widehead", "c_iter3_norm", "d_untied_mha_iter3"];

    public static string Root => Path.Combine(AppContext.BaseDirectory, "Fixtures", "parity");

    public static string Directory(string parityName) => Path.Combine(Root, parityName, "checkpoint");

    public static TheoryData<string> Parity => [.. ParityNames];
}

/// <summary>A throw-away directory, empty or with a copy of a checkpoint.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public ScratchDirectory(string? copyOf = null)
    {
        Path = System.IO.Directory.CreateTempSubdirectory("tah-tests-").FullName;
        if (copyOf is null) return;
        foreach (var file in System.IO.Directory.EnumerateFiles(copyOf, "*", SearchOption.AllDirectories))
        {
            var target = this[System.IO.Path.GetRelativePath(copyOf, file)];
            System.IO.Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Path { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public void Dispose() => System.IO.Directory.Delete(Path, recursive: true);
}
