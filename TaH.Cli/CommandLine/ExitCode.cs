using TaH.Kernels;

namespace TaH.Cli;

/// <summary>The exit codes that scripts rely on, and which failure has which.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Anything else: a hub that does not answer or lacks the model, a full disk, a defect.</summary>
    public const int Failure = 1;

    public const int BadUsage = 2;
    public const int BadFile = 3;
    public const int NoDevice = 4;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGPIPE: nobody reads standard output any more.</summary>
    public const int BrokenPipe = 141;

    public static int Of(Exception error) => error switch
    {
        UsageException => BadUsage,
        BadFileException => BadFile,
        DeviceNotFoundException => NoDevice,
        OperationCanceledException => Interrupted,
        BrokenPipeException => BrokenPipe,
        _ => Failure,
    };

    /// <summary>Says on stderr what went wrong, in one line, and returns the exit code; of a reader that has left there is nothing to say.</summary>
    public static int Report(Exception error, Terminal terminal, bool withStackTrace)
    {
        if (error is BrokenPipeException) return BrokenPipe;
        terminal.ReportError(OneLine(error));
        if (withStackTrace) WriteStackTrace(error, terminal.Error.Profile.Out.Writer);
        return Of(error);
    }

    private static void WriteStackTrace(Exception error, TextWriter writer)
    {
        foreach (var line in error.ToString().Split('\n')) writer.WriteLine(VisibleText.Of(line.TrimEnd('\r')));
    }

    private static string OneLine(Exception error)
    {
        var lines = error.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = VisibleText.Of(string.Join(' ', lines));
        // What is not one of ours was not foreseen; its type says more than its message alone.
        var isForeseen = Of(error) != Failure || error is HubException or OutputException or NonFiniteLossException or DistributedException;
        return isForeseen ? text : $"{error.GetType().Name}: {text} (--verbose shows where)";
    }
}
