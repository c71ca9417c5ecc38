namespace TaH.Kernels;

/// <summary>Where in the work of a model a launch stands.</summary>
/// <param name="Pass">Number of the pass in the profile: from 0 on, -1 before the first.</param>
/// <param name="Layer">Number of the layer, -1 outside of all.</param>
/// <param name="Stage">What the launch is for, as <see cref="IOperations"/> names it; empty where nobody said.</param>
public readonly record struct KernelPlace(int Pass, int Layer, string Stage)
{
    /// <summary>Before everything.</summary>
    public static KernelPlace None { get; } = new(-1, -1, string.Empty);
}
