namespace TaH.Tests;

/// <summary>The base model of a TaH checkpoint, as a checkpoint of its own.</summary>
internal static class PlainCopy
{
    /// <summary>Copies it.</summary>
    /// <param name="source">A TaH checkpoint.</param>
    /// <param name="target">A directory, made if it is not there.</param>
    public static string Of(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
        {
            var name = Path.GetFileName(file);
            if (!name.StartsWith("iter_decider", StringComparison.Ordinal) && name != "tah_config.json") File.Copy(file, Path.Combine(target, name));
        }
        return target;
    }
}
