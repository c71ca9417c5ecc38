namespace TaH.Engine;

/// <summary>Which communicator and which device a rank has.</summary>
internal static class Communicators
{
    /// <summary>Meets the other ranks.</summary>
    /// <param name="place">Null for a process alone.</param>
    /// <param name="device">This rank's.</param>
    /// <exception cref="DistributedException">They do not come, or what sums needs is not there.</exception>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public static ICommunicator Open(RankPlace? place, ComputeDevice device)
    {
        if (place is null) return new SingleRank();
        var links = RankMeeting.Join(place, device.Kind, RankMeeting.UsualPatience);
        try
        {
            return device.Kind == DeviceKind.Cuda ? new NcclCommunicator(device, links) : new TcpCommunicator(device, links);
        }
        catch
        {
            links.Dispose();
            throw;
        }
    }

    /// <summary>The rank's own device: of several cards that of its local rank, which is not there if the machine has fewer cards than ranks.</summary>
    /// <exception cref="UsageException">The selector means one card for all.</exception>
    public static DeviceSelector DeviceOf(RankPlace? place, DeviceSelector selector)
    {
        if (place is null or { WorldSize: 1 } || selector.Kind is not (null or DeviceKind.Cuda)) return selector;
        if (selector.Index > 0) throw new UsageException($"--device {selector} is one card, and each rank has its own, that of LOCAL_RANK; give cuda, or nothing");
        var cards = DeviceCatalog.Of(DeviceKind.Cuda).Count;
        // Slurm and Kubernetes may show each rank its own card only; then that is the one.
        return cards switch { 0 => selector, 1 => new DeviceSelector(DeviceKind.Cuda, 0), _ => new DeviceSelector(DeviceKind.Cuda, place.LocalRank) };
    }
}
