using System.Runtime.InteropServices;

namespace TaH.Cli;

/// <summary>Ctrl-C: the first one ends the work in hand, one without work in hand (or a second one) ends the program.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private PosixSignalRegistration? _registration;
    private CancellationTokenSource? _work;

    /// <summary>Answers the process's SIGINT from here on.</summary>
    public void ListenToProcess() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
    {
        signal.Cancel = Raise();
        // The shell's prompt begins a line of its own.
        if (!signal.Cancel && !Console.IsErrorRedirected) Console.Error.WriteLine();
    });

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
    public void Dispose() => _registration?.Dispose();

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
