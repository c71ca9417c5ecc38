using System.Runtime.InteropServices;

namespace TaH.Cli;

/// <summary>
/// Ctrl-C, and the SIGTERM of job schedulers: the first one ends the work in hand, one without work in hand (or a second one) ends the program.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private PosixSignalRegistration[] _registrations = [];
    private CancellationTokenSource? _work;

    /// <summary>Answers the process's SIGINT and SIGTERM from here on.</summary>
    public void ListenToProcess() =>
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Answer), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Answer)];

    /// <summary>Begins work that Ctrl-C ends.</summary>
    /// <returns>Its cancellation; disposed of when the work is over.</returns>
    public Work Begin()
    {
        lock (_lock)
        {
            _work = new CancellationTokenSource();
            return new Work(this, _work);
        }
    }

    /// <summary>Ctrl-C was pressed.</summary>
    /// <returns>Whether there was work to end; if not, the process is to end.</returns>
    public bool Raise()
    {
        lock (_lock)
        {
            if (_work is null || _work.IsCancellationRequested) return false;
            _work.Cancel();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void Answer(PosixSignalContext signal)
    {
        signal.Cancel = Raise();
        // The shell's prompt begins a line of its own.
        if (!signal.Cancel && signal.Signal == PosixSignal.SIGINT && !Console.IsErrorRedirected) Console.Error.WriteLine();
    }

    private void End(CancellationTokenSource work)
    {
        lock (_lock)
        {
            if (_work == work) _work = null;
            work.Dispose();
        }
    }

    /// <summary>Work that Ctrl-C ends.</summary>
    internal sealed class Work(Interrupts owner, CancellationTokenSource source) : IDisposable
    {
        public CancellationToken Token { get; } = source.Token;

        public bool IsInterrupted => Token.IsCancellationRequested;

        public void Dispose() => owner.End(source);
    }
}
