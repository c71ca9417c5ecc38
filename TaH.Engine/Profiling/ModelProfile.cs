namespace TaH.Engine;

/// <summary>Where the time of a model's work goes.</summary>
/// <param name="Model">What the model is called.</param>
/// <param name="Device">What it ran on.</param>
/// <param name="Ceilings">What that device can do, measured in the same process.</param>
/// <param name="Plan">What was profiled.</param>
/// <param name="Phases">Prefill and decoding, as far as the plan has them.</param>
public sealed record ModelProfile(string Model, DeviceInfo Device, DeviceCeilings Ceilings, ProfilePlan Plan, IReadOnlyList<ProfilePhase> Phases)
{
    /// <summary>Whether launches return before their kernels have run, so that the host's time is one of its own.</summary>
    public bool LaunchesAhead => Phases[0].LaunchesAhead;
}
