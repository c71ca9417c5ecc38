namespace TaH.Engine;

/// <summary>Turns what the user gave as a model into a checkpoint directory: a directory, or a hub name whose files are in the cache.</summary>
public static class ModelLocator
{
    /// <summary>Finds the checkpoint directory, with the cache that the environment names.</summary>
    /// <param name="model">A directory, or <c>owner/name[@revision]</c>. A directory of that name wins.</param>
    /// <exception cref="BadFileException">It is neither, or not in the cache; the message says where it looked and how to bring it.</exception>
    public static string Find(string model) => Find(model, HubOptions.FromEnvironment());

    /// <summary>Finds the checkpoint directory. Nothing is downloaded.</summary>
    /// <param name="model">A directory, or <c>owner/name[@revision]</c>. A directory of that name wins.</param>
    /// <param name="options">Says where the cache is.</param>
    /// <exception cref="BadFileException">It is neither, or not in the cache; the message says where it looked and how to bring it.</exception>
    public static string Find(string model, HubOptions options)
    {
        if (string.IsNullOrWhiteSpace(model))
            throw new BadFileException("model", null, "is empty; give a checkpoint directory or a model name on the hub");
        if (Directory.Exists(model)) return model;
        if (File.Exists(model)) throw new BadFileException(model, null, "is a file; give the checkpoint directory that holds it");
        if (!HubModelName.TryParse(model, out var name))
            throw new BadFileException(model, null, "no such directory, and not a model name on the hub either (owner/name or owner/name@revision)");

        var cache = new HubCache(options.CacheDirectory, name);
        var directory = cache.Find()
            ?? throw new BadFileException(model, null, $"no such directory, and no such model in the cache {cache.Folder}; {Pull(name)}");
        return File.Exists(Path.Combine(directory, "config.json")) && Directory.EnumerateFiles(directory, "*.safetensors").Any()
            ? directory
            : throw new BadFileException(directory, null, $"holds only a part of {name}, without configuration or weights; {Pull(name)}");
    }

    private static string Pull(HubModelName name) => $"bring it with: tah pull {name}";
}
