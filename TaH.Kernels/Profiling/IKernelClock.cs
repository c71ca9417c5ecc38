namespace TaH.Kernels;

/// <summary>Takes the times of launches, in the order in which they are made.</summary>
internal interface IKernelClock : IDisposable
{
    /// <summary>How many launches have room until <see cref="Read"/> is called.</summary>
    int Capacity { get; }

    /// <summary>A launch is about to be made.</summary>
    /// <param name="index">How many were made since <see cref="Read"/>.</param>
    void Start(int index);

    /// <summary>The launch has been made.</summary>
    void Stop(int index);

    /// <summary>Launches from here on may wait for <see cref="Release"/> before they run. Nobody may wait for the device meanwhile.</summary>
    void Hold();

    /// <summary>Lets them run.</summary>
    void Release();

    /// <summary>Waits for all launches and gives their times, which are then forgotten.</summary>
    /// <param name="times">[launches] start, in seconds since the clock was made, and seconds from start to end.</param>
    void Read(Span<(double Start, double Seconds)> times);
}
