namespace TaH.Cli;

/// <summary>Where the model is that a command means.</summary>
internal static class ModelPath
{
    /// <summary>The model that comes with the program.</summary>
    public static string Shipped => Path.Combine(AppContext.BaseDirectory, "weights", "tah-tiny");

    /// <summary>The directory of <c>--model</c>; of the shipped model without it. The hub's cache counts where there is no such directory.</summary>
    /// <exception cref="BadFileException">There is none; the message says where it was looked for.</exception>
    public static string Find(string? model, Terminal terminal)
    {
        var path = model ?? Shipped;
        return Directory.Exists(path) ? path : ModelLocator.Find(path, terminal.Hub.Options());
    }
}
