namespace TaH.Cli;

/// <summary>How commands reach the hub and its cache.</summary>
/// <param name="Options">Address, token and cache.</param>
/// <param name="Open">Opens a client.</param>
internal sealed record HubAccess(Func<HubOptions> Options, Func<HubOptions, HubClient> Open)
{
    /// <summary>As the environment of this process says.</summary>
    public static HubAccess OfProcess { get; } = new(HubOptions.FromEnvironment, options => new HubClient(options));
}
