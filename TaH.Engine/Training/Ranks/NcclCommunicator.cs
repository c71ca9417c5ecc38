namespace TaH.Engine;

/// <summary>Sums from card to card by NCCL; the host's numbers go over plain connections, which also show when a rank is gone.</summary>
internal sealed class NcclCommunicator : ICommunicator
{
    private readonly RankLinks _links;
    private readonly LinkedSum _hostSum;
    private readonly NcclSum _sum;

    /// <summary>Joins the other ranks.</summary>
    /// <param name="device">This rank's card.</param>
    /// <param name="links">To the other ranks; owned.</param>
    /// <exception cref="DistributedException">NCCL is not there or fails, or another rank is gone.</exception>
    public NcclCommunicator(ComputeDevice device, RankLinks links)
    {
        (_links, _hostSum) = (links, new LinkedSum(links));
        _sum = Guarded(() => NcclSum.Join(device, ShareId(), links.Rank, links.WorldSize, links.Look));
        device.Accelerator.Bind();
    }

    public int Rank => _links.Rank;

    public int WorldSize => _links.WorldSize;

    public void Sum(Floats values) => Guarded(() =>
    {
        _sum.Run(values, _links.Look);
        return true;
    });

    public void Sum(double[] values) => _hostSum.Run<double>(values);

    public void Dispose()
    {
        _links.Dispose();
        _sum.Dispose();
    }

    /// <summary>Rank 0's identity of the run, on every rank.</summary>
    private byte[] ShareId()
    {
        var id = new byte[NcclSum.IdBytes];
        if (Rank > 0)
        {
            _links.Receive<byte>(0, id);
            return id;
        }
        id = NcclSum.NewId();
        for (var rank = 1; rank < WorldSize; rank++) _links.Send<byte>(rank, id);
        return id;
    }

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (NcclException failed)
        {
            throw new DistributedException(failed.Message);
        }
    }
}
