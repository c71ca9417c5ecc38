namespace TaH.Engine;

/// <summary>
/// Models of random weights in the shapes of Qwen3, with an adapter and a decider of the release's sizes: to measure speed without a download.
/// </summary>
public static class SyntheticModel
{
    /// <summary>The shapes there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. SyntheticRecipe.Published.Select(recipe => recipe.Name)];

    /// <summary>Makes a model on a device that is opened for it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Where it runs.</param>
    /// <exception cref="UsageException">There is no such shape, or the device does not run the kernels that were asked for.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    public static TahModel Create(string name, ModelOptions? options = null)
    {
        var recipe = SyntheticRecipe.Published.FirstOrDefault(recipe => recipe.Name == name)
            ?? throw new UsageException($"there is no synthetic model '{name}'; there are {string.Join(", ", Names)}");
        var device = (options ?? new ModelOptions()).OpenDevice();
        try
        {
            return Create(recipe, device, ownsDevice: true);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Makes a model on a device that others may share.</summary>
    internal static TahModel Create(SyntheticRecipe recipe, ComputeDevice device, bool ownsDevice = false)
    {
        using var weights = new SyntheticWeights(device, recipe);
        var loaded = new WeightLoader(device, weights).Load();
        return new TahModel(weights.Model, checkpoint: null, device, ownsDevice, tokenizer: null, chat: null, loaded);
    }
}
