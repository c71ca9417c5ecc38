using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaH.Engine;

/// <summary>A YAML recipe with the official trainer's keys.</summary>
/// <remarks>Keys that mean nothing here are noted; unknown ones are errors. Source: script/recipes of github.com/thu-nics/TaH at 1e07bc3.</remarks>
public static class RecipeFile
{
    /// <summary>Reads a recipe into settings that options may override.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadFileException">It is no YAML, or a key is unknown or has a value that it cannot have.</exception>
    public static RecipeSettings Read(string path) => Parse(InputFile.ReadText(path, "settings in YAML"), Path.GetFileName(path));

    internal static RecipeSettings Parse(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            throw new BadFileException(file, $"line {broken.Start.Line}", $"is no YAML: {broken.Message}", broken);
        }

        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new BadFileException(file, null, "holds no recipe; the sections model, data and training were expected");
        var keys = new RecipeKeys(file, root);
        var settings = RecipeKeyTable.Read(keys);
        keys.RefuseUnread();
        return settings with { IgnoredKeys = keys.Ignored };
    }
}
