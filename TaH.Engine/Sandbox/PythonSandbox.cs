using System.Globalization;

namespace TaH.Engine;

/// <summary>
/// Runs Python programs that nobody has read. Bubblewrap gives each its own namespaces: no network, no processes but its own, of the file system /usr
/// alone and read-only, an empty /tmp in memory; it runs as a user without rights, under limits, and all that it has started ends with it.
/// </summary>
public sealed class PythonSandbox
{
    private const string Python = "/usr/bin/python3";
    private const string Marker = "sandboxed";
    private const int FirstUser = 61_000; // of users that nobody is; each program has one of its own, so that limits of processes do not add up
    private const int Users = 4_000;

    private static int _next;
    private readonly bool _isIsolated;

    private PythonSandbox(bool isIsolated) => _isIsolated = isIsolated;

    /// <summary>Finds out, by running a program, whether this machine can isolate it.</summary>
    /// <param name="allowsUnsafe">Whether programs may run without isolation where there is none.</param>
    /// <exception cref="UsageException">It cannot; the message says what is missing.</exception>
    public static PythonSandbox Find(bool allowsUnsafe = false)
    {
        var missing = Missing();
        if (missing is null) return new PythonSandbox(isIsolated: true);
        if (allowsUnsafe) return new PythonSandbox(isIsolated: false);
        throw new UsageException($"programs that a model wrote cannot be isolated here: {missing}; --unsafe runs them all the same, with your rights");
    }

    /// <summary>Whether programs are isolated; if not, they run with the rights of this process.</summary>
    public bool IsIsolated => _isIsolated;

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public SandboxOutcome Run(string source, SandboxLimits limits, CancellationToken cancellation = default) =>
        LimitedProcess.Run(_isIsolated ? Isolated(limits) : Unsafe(limits), source, limits, cancellation);

    /// <summary>What this machine lacks; null for nothing.</summary>
    private static string? Missing()
    {
        if (!OperatingSystem.IsLinux()) return "bubblewrap is for Linux";
        foreach (var (file, package) in (ReadOnlySpan<(string, string)>)[("/usr/bin/bwrap", "bubblewrap"), (Python, "python3"), ("/usr/bin/prlimit", "util-linux")])
            if (!File.Exists(file)) return $"{file} is missing (apt-get install {package})";
        var trial = new PythonSandbox(isIsolated: true).Run($"print('{Marker}')", new SandboxLimits());
        if (trial.End == SandboxEnd.Exited && trial.Output.Trim() == Marker) return null;
        var reason = trial.Error.Split('\n').FirstOrDefault(line => line.Length > 0) ?? $"a trial ended with {trial.ExitCode}";
        return $"bubblewrap does not run ({reason.Trim()})";
    }

    private static string[] Isolated(SandboxLimits limits) =>
    [
        // Root has no limit of processes, so it becomes somebody else first.
        .. Environment.UserName == "root" ? AsNobody() : [],
        "/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8",
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
        "--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/dev/shm", "--size", Text(limits.FileBytes), "--tmpfs", "/tmp",
        // What is not named has no bound of its own, and a user of a further namespace would have rights that this one has not.
        "--remount-ro", "/dev", "--remount-ro", "/", "--unshare-user", "--disable-userns", "--chdir", "/tmp",
        .. Limited(limits), Python, "-I", "-",
    ];

    private static string[] Unsafe(SandboxLimits limits) => File.Exists("/usr/bin/prlimit") ? [.. Limited(limits), "python3", "-I", "-"] : ["python3", "-I", "-"];

    private static string[] AsNobody()
    {
        var user = Text(FirstUser + (Interlocked.Increment(ref _next) % Users));
        return ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"];
    }

    private static string[] Limited(SandboxLimits limits) =>
    [
        "/usr/bin/prlimit", $"--cpu={Text(limits.CpuSeconds)}", $"--as={Text(limits.MemoryBytes)}", $"--nproc={Text(limits.Processes)}",
        $"--fsize={Text(limits.FileBytes)}", "--nofile=64", "--core=0", "--",
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
