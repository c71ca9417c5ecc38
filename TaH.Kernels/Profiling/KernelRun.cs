namespace TaH.Kernels;

/// <summary>A launch that was profiled.</summary>
/// <param name="Operation">The operation's name.</param>
/// <param name="Variant">The variant that ran.</param>
/// <param name="Work">What it had to do.</param>
/// <param name="Place">Where in the model it stands.</param>
/// <param name="Start">When it began on the device, in seconds of the profile.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="LaunchStart">When the host began to launch it, in seconds of the profile.</param>
/// <param name="LaunchSeconds">How long launching took; where launches wait for their end, as long as the run.</param>
public sealed record KernelRun(
    string Operation, string Variant, KernelWork Work, KernelPlace Place, double Start, double Seconds, double LaunchStart, double LaunchSeconds)
{
    /// <summary>When it ended on the device.</summary>
    public double End => Start + Seconds;
}
