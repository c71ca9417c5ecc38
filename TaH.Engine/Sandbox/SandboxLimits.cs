namespace TaH.Engine;

/// <summary>What a program may use.</summary>
public sealed record SandboxLimits
{
    /// <summary>From its start to its end, whatever it started with it.</summary>
    public TimeSpan WallTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Processor time of each of its processes, in seconds.</summary>
    public int CpuSeconds { get; init; } = 10;

    /// <summary>Address space of each of its processes, in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Processes and threads at a time.</summary>
    public int Processes { get; init; } = 16;

    /// <summary>The size of a file, and of all files together, in bytes. Files lie in memory.</summary>
    public long FileBytes { get; init; } = 64L << 20;

    /// <summary>What is kept of standard output, and of standard error, in characters; a program that writes more is ended.</summary>
    public int OutputCharacters { get; init; } = 1 << 20;
}

/// <summary>How a program ended.</summary>
public enum SandboxEnd
{
    /// <summary>By itself; the exit code says how.</summary>
    Exited,

    /// <summary>Its time was up.</summary>
    TimedOut,

    /// <summary>It wrote too much.</summary>
    OutputFull,
}

/// <summary>What became of a program.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">0 for success; above 128 for a signal; -1 where it was ended from outside.</param>
/// <param name="Output">Its standard output, as far as it was kept.</param>
/// <param name="Error">Its standard error, likewise.</param>
public sealed record SandboxOutcome(SandboxEnd End, int ExitCode, string Output, string Error);
