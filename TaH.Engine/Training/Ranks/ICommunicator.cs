namespace TaH.Engine;

/// <summary>Processes that train one model together, each on rows of its own.</summary>
internal interface ICommunicator : IDisposable
{
    /// <summary>This process, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int WorldSize { get; }

    /// <summary>Every element becomes the sum over all ranks, in the same order everywhere: all ranks have the same bits.</summary>
    /// <param name="values">On the device, of one length everywhere.</param>
    /// <exception cref="DistributedException">Another rank is gone.</exception>
    void Sum(Floats values);

    /// <summary>The same for a few numbers of the host.</summary>
    /// <exception cref="DistributedException">Another rank is gone.</exception>
    void Sum(double[] values);
}
