namespace TaH.Tests;

/// <summary>
/// A copy of a golden checkpoint whose weights are rounded to bfloat16, as <c>from_pretrained(torch_dtype=bfloat16)</c> rounds them.
/// </summary>
internal sealed class Bf16Checkpoint : IDisposable
{
    public Bf16Checkpoint(string source)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"tah-bf16-{Guid.NewGuid():N}");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            if (file.EndsWith(".safetensors", StringComparison.Ordinal)) Round(file, target);
            else if (System.IO.Path.GetFileName(file) == "config.json")
                File.WriteAllText(target, File.ReadAllText(file).Replace("float32", "bfloat16", StringComparison.Ordinal));
            else File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void Round(string source, string target)
    {
        using var file = SafetensorsFile.Open(source);
        var writer = new SafetensorsWriter();
        foreach (var (name, tensor) in file.Tensors)
            writer.AddBf16(name, [.. tensor.ToFloats().Select(default(Bfloat16Format).Narrow)], [.. tensor.Shape.Select(size => (int)size)]);
        writer.Save(target);
    }
}
